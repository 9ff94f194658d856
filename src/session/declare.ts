import { isAbsolute, join, relative, resolve } from 'node:path';
import { RestageError } from '../errors.ts';
import { UnitDefinition, type UnitVariables } from '../model/session.ts';
import type { StartRequest } from '../model/session-request.ts';
import type { SessionContext } from './context.ts';
import type { DeclaredUnit } from './definition.ts';
import { captureVariables } from './environment.ts';
import { canonicalOf, canonicalOfUri, hideInUri, schemeOf } from './identify.ts';
import { unitName } from './name.ts';
import { findProgram } from './program.ts';
import { hideInArguments, hideInVariables } from './secrets.ts';
import { escapeTemplate, parseTemplate } from './template.ts';
import { encodePart, formatUnitUri, parseUnitUri, type UnitUri } from './uri.ts';

/** A definition that is new, or changed by what was typed, and secrets that were typed with it. */
export interface Declaration {
  readonly definition: UnitDefinition;
  readonly isNew: boolean;
  readonly secrets: ReadonlyMap<string, string>;
}

/** What a start says, with the directory in which it was typed. */
export type TypedStart = Omit<StartRequest, 'units'> & { readonly directory: string };

type DeclareContext = Pick<SessionContext, 'files' | 'paths' | 'host' | 'variables'>;

/**
 * Makes the definition of a unit from what was typed: finds the unit that is meant, or names a new one.
 *
 * The same URI is the same unit, unless another alias is given: that is a twin, told apart by a number behind `#`.
 *
 * @throws {RestageError} `session/alias-taken`, `session/unit-differs` if what runs is declared otherwise, `session/uri`
 */
export async function declareUnit(
  typed: TypedStart,
  units: readonly DeclaredUnit[],
  context: DeclareContext,
): Promise<Declaration> {
  const known = typed.alias === undefined ? undefined : unitOf(typed.alias, units);
  const argv = typed.argv?.map(escapeTemplate);
  const written = await uriOf(typed, argv, context);
  const { uri, name, twin } = identify(written, typed.alias, known, units);
  const found = units.find(({ definition }) => definition.name === name)?.definition;
  const alias = typed.alias ?? found?.alias ?? null;
  const owner = alias ?? name;
  const hiddenUri = hideInUri({ ...uri, twin }, owner);
  const hiddenArgv = argv && hideInArguments(argv, owner);
  const { env, secrets } = variablesOf(typed, owner, context);
  const definition = UnitDefinition.parse({
    ...{ name, alias, uri: hiddenUri.templates, command: hiddenArgv?.templates ?? null },
    ...{ cwd: typed.cwd === undefined ? undefined : placeOf(typed.cwd, typed.directory, context), env },
    ...{ restart: typed.restart ?? found?.restart, shutdown: typed.shutdown ?? found?.shutdown },
  });
  const argued = [...hiddenUri.secrets, ...(hiddenArgv?.secrets ?? [])];
  if (!found) return { definition, isNew: true, secrets: new Map([...argued, ...secrets]) };
  return { definition: changed(found, definition, typed), isNew: false, secrets: new Map(argued) };
}

/** The variables of a new unit: what is taken over now, and what was typed. */
function variablesOf(
  { inherit = 'minimal', env = [], envFile = [], directory }: TypedStart,
  owner: string,
  context: DeclareContext,
): { readonly env: UnitVariables; readonly secrets: ReadonlyMap<string, string> } {
  const set = hideInVariables(Object.fromEntries(env.map(splitPair)), owner);
  const captured = hideInVariables(captureVariables(inherit, context.variables), owner);
  const files = envFile.map((file) => placeOf(file, directory, context));
  return {
    env: { inherit, captured: captured.templates, files, set: set.templates },
    secrets: new Map([...captured.secrets, ...set.secrets]),
  };
}

/** The URI of what was typed: as it stands, or made from the program that was found and its arguments. */
async function uriOf(
  { uri, directory, cwd }: TypedStart,
  argv: readonly string[] | undefined,
  context: DeclareContext,
): Promise<UnitUri> {
  if (uri !== undefined) {
    const parsed = parseUnitUri(uri, [context.host.name]);
    if (schemeOf(parsed).id === 'exec' && parsed.host !== 'localhost') {
      throw new RestageError('session/uri', `${parsed.host} is another host, and units run on this one`);
    }
    return parsed;
  }
  const [name = '', ...args] = (argv ?? []).map(plainText);
  const where = cwd === undefined ? context.paths.workspace : resolve(directory, cwd);
  const file = await findProgram({ name, directory: where, path: context.variables['PATH'] }, context);
  if (file === undefined) throw new RestageError('session/program', `there is no program ${name} that can be executed`);
  const path = encodePart(file);
  return parseUnitUri(
    formatUnitUri({ scheme: 'exec', host: 'localhost', path, query: args.map(encodePart), twin: undefined }),
    [],
  );
}

/** The name of the unit that is meant; a new URI, and a twin, have a new one. */
function identify(
  uri: UnitUri,
  alias: string | undefined,
  known: DeclaredUnit | undefined,
  units: readonly DeclaredUnit[],
): { readonly uri: UnitUri; readonly name: string; readonly twin: string | undefined } {
  const byCanonical = new Map(units.map(({ definition }) => [canonicalOf(definition.uri, []), definition]));
  if (known) {
    const own = canonicalOf(known.definition.uri, []).replace(/#\d+$/, '');
    if (own === canonicalOfUri({ ...uri, twin: undefined })) {
      const { twin } = parseUnitUri(known.definition.uri, []);
      return { uri, name: known.definition.name, twin };
    }
    throw new RestageError(
      'session/alias-taken',
      `${alias ?? ''} is ${known.definition.name}, which runs something else`,
      {
        details: { alias, name: known.definition.name },
      },
    );
  }
  for (let count = 1; ; count++) {
    const twin = count === 1 ? uri.twin : String(count);
    const canonical = canonicalOfUri({ ...uri, twin });
    const found = byCanonical.get(canonical);
    const isMeant = found && (alias === undefined || found.alias === null || found.alias === alias);
    if (isMeant) return { uri, name: found.name, twin };
    if (found) continue;
    const taken = new Set(units.flatMap(({ definition }) => [definition.name, definition.alias]));
    return { uri, name: unitName(canonical, (name) => taken.has(name)), twin };
  }
}

/** What of an existing definition a start may change; what else was typed must be as it is declared. */
function changed(found: UnitDefinition, typedNow: UnitDefinition, typed: TypedStart): UnitDefinition {
  const differs = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b);
  const conflict =
    (typed.cwd !== undefined && differs(found.cwd, typedNow.cwd) && 'cwd') ||
    (typed.env !== undefined && differs(found.env.set, typedNow.env.set) && 'env') ||
    (typed.envFile !== undefined && differs(found.env.files, typedNow.env.files) && 'env-file') ||
    (typed.inherit !== undefined && differs(found.env.inherit, typedNow.env.inherit) && 'inherit');
  if (conflict) {
    throw new RestageError(
      'session/unit-differs',
      `${found.alias ?? found.name} is declared with another --${conflict}`,
      {
        details: { name: found.name, option: conflict },
      },
    );
  }
  const { alias, restart, shutdown } = typedNow;
  return { ...found, alias, restart, shutdown };
}

function unitOf(alias: string, units: readonly DeclaredUnit[]): DeclaredUnit | undefined {
  const byName = units.find(({ definition }) => definition.name === alias);
  if (byName && byName.definition.alias !== alias) {
    throw new RestageError('session/alias-taken', `${alias} is the name of a unit`, { details: { alias } });
  }
  return units.find(({ definition }) => definition.alias === alias);
}

/** A path that was typed, relative to the workspace where it lies in it, so that it means the same elsewhere. */
function placeOf(path: string, directory: string, { paths }: DeclareContext): string {
  const absolute = isAbsolute(path) ? join(path) : resolve(directory, path);
  const inside = relative(paths.workspace, absolute);
  return inside === '' ? '.' : inside.startsWith('..') ? absolute : inside;
}

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return [pair.slice(0, at), escapeTemplate(pair.slice(at + 1))];
}

function plainText(template: string): string {
  return parseTemplate(template)
    .map((part) => (part.kind === 'text' ? part.text : ''))
    .join('');
}
