import type { UnitDefinition } from '../model/session.ts';
import type { SessionContext } from './context.ts';
import { argvOf } from './prepare.ts';
import { findSecret, readSecrets } from './secrets.ts';
import { parseTemplate } from './template.ts';

/** The values of all secrets that a unit refers to, as far as they are known here: what may not be shown of it. */
export async function knownSecrets(definition: UnitDefinition, context: SessionContext): Promise<readonly string[]> {
  const { captured, set } = definition.env;
  const templates = [...argvOf(definition, context), ...Object.values(captured), ...Object.values(set)];
  const names = templates.flatMap(parseTemplate).flatMap((part) => (part.kind === 'secret' ? [part.name] : []));
  if (names.length === 0) return [];
  const secrets = await readSecrets(context);
  return names.flatMap((name) => findSecret(name, secrets, context.variables) ?? []);
}
