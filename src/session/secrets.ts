import { isMap, parseDocument } from 'yaml';
import { RestageError } from '../errors.ts';
import { isSecretKey, looksSecret, REDACTED, redactText } from '../model/redact.ts';
import type { SessionContext } from './context.ts';
import { parseTemplate, secretReference } from './template.ts';

/** Texts with references in the place of their secrets, and the secrets by name. */
export interface HiddenSecrets<Texts> {
  readonly templates: Texts;
  readonly secrets: ReadonlyMap<string, string>;
}

/**
 * Takes the secrets out of an argument vector: values under keys such as `password`, tokens of known shapes, and
 * passwords in URLs. What is a reference already stays one.
 *
 * @param argv - templates
 * @param owner - what the names of the secrets begin with: alias or name of the unit
 */
export function hideInArguments(argv: readonly string[], owner: string): HiddenSecrets<readonly string[]> {
  const hidden = collector(owner);
  const templates = argv.map((argument, index) => {
    if (parseTemplate(argument).some(({ kind }) => kind !== 'text')) return argument;
    const [, key = '', value = ''] = /^([\w.-]+)=(.*)$/s.exec(argument) ?? [];
    if (value !== '' && isSecretKey(key)) return `${key}=${hidden.keep(key, value)}`;
    const before = argv[index - 1];
    const isValue = index > 1 && before !== undefined && /^--?[\w-]+$/.test(before) && isSecretKey(before);
    if (isValue && !argument.startsWith('-')) return hidden.keep(before, argument);
    return hideShapes(argument, `argument-${index}`, hidden);
  });
  return { templates, secrets: hidden.secrets };
}

/** Takes the secrets out of variables. Values are templates. */
export function hideInVariables(
  variables: Readonly<Record<string, string>>,
  owner: string,
): HiddenSecrets<Record<string, string>> {
  const hidden = collector(owner);
  const templates: Record<string, string> = {};
  for (const [key, value] of Object.entries(variables)) {
    const isReference = parseTemplate(value).some(({ kind }) => kind !== 'text');
    if (isReference || value === '') templates[key] = value;
    else templates[key] = isSecretKey(key) ? hidden.keep(key, value) : hideShapes(value, key, hidden);
  }
  return { templates, secrets: hidden.secrets };
}

/** Reads `etc/secrets.yaml`; empty if there is none. @throws {RestageError} `session/definition` */
export async function readSecrets({ files, paths }: SecretsContext): Promise<ReadonlyMap<string, string>> {
  const text = await files.readIfExists(paths.secretsFile);
  const document = parseDocument(text ?? '');
  const value: unknown = document.toJS() ?? {};
  if (document.errors.length > 0 || typeof value !== 'object' || value === null) {
    // Not the parser's words: they show a piece of the text.
    const line = document.errors[0]?.linePos?.[0].line ?? 1;
    throw new RestageError('session/definition', `${paths.secretsFile}:${line} is no mapping of names to secrets`);
  }
  return new Map(Object.entries(value).map(([name, secret]) => [name, String(secret)]));
}

/** Adds secrets to `etc/secrets.yaml`, comments kept, readable by its owner only. */
export async function writeSecrets(
  secrets: ReadonlyMap<string, string>,
  { files, paths }: SecretsContext,
): Promise<void> {
  if (secrets.size === 0) return;
  const document = parseDocument((await files.readIfExists(paths.secretsFile)) ?? '{}');
  if (!isMap(document.contents)) document.contents = document.createNode({}) as never;
  if (isMap(document.contents)) document.contents.flow = false;
  for (const [name, secret] of secrets) document.set(name, secret);
  await files.write(paths.secretsFile, document.toString({ lineWidth: 0 }), { mode: 0o600 });
}

/** The value of a secret: from `etc/secrets.yaml`, then from a variable such as `RESTAGE_SECRET_DB_PASSWORD`. */
export function findSecret(
  name: string,
  secrets: ReadonlyMap<string, string>,
  variables: Readonly<Record<string, string | undefined>>,
): string | undefined {
  return secrets.get(name) ?? variables[`RESTAGE_SECRET_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`];
}

/** Takes known secrets, and what looks like one, out of a text that is to be shown or stored. */
export function maskText(text: string, secrets: Iterable<string>): string {
  return redactText(maskValues(text, secrets));
}

/** Takes known secrets out of a text. Very short ones would mask half of it and are left. */
export function maskValues(text: string, secrets: Iterable<string>): string {
  const values = Array.from(secrets).filter((value) => value.length >= 3);
  let masked = text;
  for (const value of values.sort((a, b) => b.length - a.length)) masked = masked.replaceAll(value, REDACTED);
  return masked;
}

type SecretsContext = Pick<SessionContext, 'files' | 'paths'>;

interface Collector {
  readonly secrets: ReadonlyMap<string, string>;
  /** Keeps a secret (given as template) under a name with `key` in it, and answers its reference. */
  readonly keep: (key: string, value: string) => string;
}

function collector(owner: string): Collector {
  const secrets = new Map<string, string>();
  const keep = (key: string, value: string) => {
    const base = `${owner}.${key.replace(/^-+/, '').replace(/[^A-Za-z0-9._-]/g, '-')}`;
    const plain = parseTemplate(value)
      .map((part) => (part.kind === 'text' ? part.text : ''))
      .join('');
    let name = base;
    for (let count = 2; secrets.has(name) && secrets.get(name) !== plain; count++) name = `${base}.${count}`;
    secrets.set(name, plain);
    return secretReference(name);
  };
  return { secrets, keep };
}

function hideShapes(template: string, key: string, hidden: Collector): string {
  if (!looksSecret(template)) return template;
  const [, before = '', password = '', after = ''] = /^(.*\/\/[^/\s:@]*:)([^/\s@]+)(@.*)$/s.exec(template) ?? [];
  return password === '' ? hidden.keep(key, template) : `${before}${hidden.keep(key, password)}${after}`;
}
