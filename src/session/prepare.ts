import { isAbsolute, join } from 'node:path';
import { RestageError } from '../errors.ts';
import type { ProgramStamp } from '../model/process-record.ts';
import type { UnitDefinition } from '../model/session.ts';
import type { SessionContext } from './context.ts';
import { composeVariables } from './environment.ts';
import { schemeOf } from './identify.ts';
import { findProgram, isDirectory, stampProgram } from './program.ts';
import { findSecret } from './secrets.ts';
import { parseTemplate, resolveTemplate, type ResolveReference } from './template.ts';
import { parseUnitUri } from './uri.ts';

/** All that a launch needs, looked up but not yet done. */
export interface PreparedLaunch {
  /** Absolute path of the file that is executed. */
  readonly program: ProgramStamp;
  readonly argv: readonly string[];
  /** With references in the place of secrets. */
  readonly argvTemplates: readonly string[];
  /** Absolute. */
  readonly directory: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Where each variable came from. */
  readonly sources: Readonly<Record<string, string>>;
  /** Values that may not be shown. */
  readonly secrets: readonly string[];
}

/** Why a unit cannot be launched here. */
export interface LaunchObstacle {
  readonly code: 'no-program' | 'no-directory' | 'no-secret' | 'no-scheme';
  /** The program, the directory, the reference, the scheme. */
  readonly what: string;
}

type PrepareContext = Pick<SessionContext, 'files' | 'paths' | 'host' | 'variables'>;

/** The argument vector of a unit as templates: its `command`, or what its URI means. @throws {RestageError} `session/scheme` */
export function argvOf({ uri, command }: UnitDefinition, { host }: Pick<SessionContext, 'host'>): readonly string[] {
  if (command) return command;
  const parsed = parseUnitUri(uri, [host.name]);
  return schemeOf(parsed).launch(parsed).argv;
}

/** The working directory of a unit, absolute. */
export function directoryOf({ cwd }: UnitDefinition, { paths }: Pick<SessionContext, 'paths'>): string {
  return isAbsolute(cwd) ? cwd : join(paths.workspace, cwd);
}

/**
 * Looks up program, directory, variables and secrets of a unit; changes nothing.
 *
 * @param secrets - what `etc/secrets.yaml` says, and what is about to be written there
 */
export async function prepareLaunch(
  definition: UnitDefinition,
  secrets: ReadonlyMap<string, string>,
  context: PrepareContext,
): Promise<PreparedLaunch | LaunchObstacle> {
  const argvTemplates = argvOf(definition, context);
  const composed = await composeVariables(definition.env, context);
  const texts = [...argvTemplates, ...Array.from(composed.values(), ({ template }) => template)];
  const resolve = await resolver(texts, secrets, context);
  const resolved = texts.map((template) => resolveTemplate(template, resolve));
  const [missing] = resolved.flatMap(({ unresolved }) => unresolved);
  if (missing !== undefined) return { code: 'no-secret', what: missing };
  const argv = resolved.slice(0, argvTemplates.length).map(({ text }) => text);
  const values = resolved.slice(argvTemplates.length).map(({ text }) => text);
  const variables = Object.fromEntries(Array.from(composed.keys(), (key, index) => [key, values[index] ?? '']));
  const directory = directoryOf(definition, context);
  if (!(await isDirectory(directory, context))) return { code: 'no-directory', what: directory };
  const [name = ''] = argv;
  const path = await findProgram({ name, directory, path: variables['PATH'] }, context);
  const program = path === undefined ? undefined : await stampProgram(path, context);
  if (!program) return { code: 'no-program', what: argvTemplates[0] ?? '' };
  const sources = Object.fromEntries(Array.from(composed, ([key, { source }]) => [key, source]));
  return {
    program,
    argv,
    argvTemplates,
    directory,
    variables,
    sources,
    secrets: resolved.flatMap((one) => one.secrets),
  };
}

/** The failure of a command that meets an obstacle. */
export function obstacleError(unit: string, { code, what }: LaunchObstacle): RestageError {
  const details = { unit, what };
  switch (code) {
    case 'no-program':
      return new RestageError('session/program', `${unit}: there is no program ${what} that can be executed`, {
        details,
      });
    case 'no-directory':
      return new RestageError('session/directory', `${unit}: there is no directory ${what}`, { details });
    case 'no-secret':
      return new RestageError('session/secret', `${unit}: nobody knows ${what}`, { details });
    case 'no-scheme':
      return new RestageError('session/scheme', `${unit}: nothing here launches ${what}: URIs`, { details });
  }
}

/** Reads what the references of some texts need, so that they can be resolved without waiting. */
async function resolver(
  templates: readonly string[],
  secrets: ReadonlyMap<string, string>,
  { files, paths, variables }: PrepareContext,
): Promise<ResolveReference> {
  const contents = new Map<string, string>();
  for (const part of templates.flatMap(parseTemplate)) {
    if (part.kind !== 'file') continue;
    const text = await files.readIfExists(isAbsolute(part.name) ? part.name : join(paths.workspace, part.name));
    if (text !== undefined) contents.set(part.name, text.replace(/\r?\n$/, ''));
  }
  return (kind, name) => {
    if (kind === 'secret') return findSecret(name, secrets, variables);
    return kind === 'env' ? variables[name] : contents.get(name);
  };
}
