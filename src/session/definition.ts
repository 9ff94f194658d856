import { basename, join } from 'node:path';
import { isMap, LineCounter, parseDocument, type Document } from 'yaml';
import { RestageError } from '../errors.ts';
import { digestOfJson } from '../model/digest.ts';
import type { Digest } from '../model/id.ts';
import { canonicalJson } from '../model/json.ts';
import type { DefinitionFlaw } from '../model/session-report.ts';
import { SessionDefinition, UnitDefinition } from '../model/session.ts';
import type { SessionContext } from './context.ts';
import { canonicalOf } from './identify.ts';
import { unitName } from './name.ts';

/** A unit that is declared, and the file that declares it. */
export interface DeclaredUnit {
  readonly file: string;
  readonly definition: UnitDefinition;
}

/** What `etc/` declares, by name. */
export interface Declarations {
  readonly units: readonly DeclaredUnit[];
  readonly flaws: readonly DefinitionFlaw[];
}

type DefinitionContext = Pick<SessionContext, 'files' | 'paths' | 'host'>;

const NOT_UNITS: ReadonlySet<string> = new Set(['session.yaml', 'secrets.yaml']);
const HEADER = ' Yours to edit: restage keeps comments. A change takes effect when the unit is started again.';
/** What a definition says where it says nothing. */
const DEFAULTS: Readonly<Record<string, unknown>> = UnitDefinition.parse({ name: 'a-b', uri: '' });

/**
 * Reads all files of `etc/`. One that is flawed is reported and hides no other; its unit keeps the definition with which it
 * was launched last.
 */
export async function readDeclarations(context: DefinitionContext): Promise<Declarations> {
  const { files, paths } = context;
  const units: DeclaredUnit[] = [];
  const flaws: DefinitionFlaw[] = [];
  for (const { name, kind } of await files.list(paths.etc)) {
    if (kind === 'directory' || !name.endsWith('.yaml') || NOT_UNITS.has(name)) continue;
    const file = join(paths.etc, name);
    const text = await files.readIfExists(file);
    if (text === undefined) continue;
    const read = parseDefinition(text, file, [context.host.name]);
    if ('why' in read) flaws.push(read);
    const definition = 'why' in read ? await readLastGood(file, context) : read;
    if (definition) units.push({ file, definition });
  }
  units.sort((a, b) => (a.definition.name < b.definition.name ? -1 : 1));
  return { units: units.filter((unit, index) => isFirst(unit, index, units, flaws)), flaws };
}

/** Reads one file of a unit. A file without a name has the one of its URI; without an alias, that of the file. */
export function parseDefinition(
  text: string,
  file: string,
  ownNames: readonly string[],
): UnitDefinition | DefinitionFlaw {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error) return { file, line: error.linePos?.[0].line, why: error.message.split('\n')[0] ?? 'is no YAML' };
  const value: unknown = document.toJS();
  if (typeof value !== 'object' || value === null) return { file, line: 1, why: 'is no mapping' };
  try {
    const read = UnitDefinition.safeParse(named(value, file, ownNames));
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    const why = `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim();
    return { file, line: lineOf(document, lines, issue?.path[0]), why };
  } catch (problem) {
    if (!(problem instanceof RestageError)) throw problem;
    return { file, line: lineOf(document, lines, 'uri'), why: problem.message };
  }
}

/**
 * Writes a definition into its file. What is there and means the same stays as it is; else only what differs is
 * changed, so that comments stay.
 */
export async function writeDefinition(definition: UnitDefinition, context: DefinitionContext): Promise<void> {
  const { files, paths } = context;
  const { units, flaws } = await readDeclarations(context);
  const declared = units.find((unit) => unit.definition.name === definition.name);
  if (declared && canonicalJson(declared.definition) === canonicalJson(definition)) return;
  const flaw = flaws.find(({ file }) => file === declared?.file);
  if (flaw) throw definitionError(flaw);
  const file = declared?.file ?? paths.definition(definition.name);
  const present = await files.readIfExists(file);
  await files.write(file, renderDefinition(definition, present));
}

/** Keeps the definition with which a unit is launched, for the time when its file cannot be read. */
export async function keepLastGood(definition: UnitDefinition, context: DefinitionContext): Promise<void> {
  const { units } = await readDeclarations(context);
  const file = units.find((unit) => unit.definition.name === definition.name)?.file;
  if (file === undefined) return;
  await context.files.write(lastGoodPath(file, context), `${JSON.stringify(definition)}\n`, { mode: 0o600 });
}

/** The text of a definition, made by changing `present` as little as possible. */
export function renderDefinition(definition: UnitDefinition, present?: string): string {
  const document: Document = parseDocument(present ?? '');
  if (!isMap(document.contents)) document.contents = document.createNode({});
  if (present === undefined) document.commentBefore = HEADER;
  merge(document, [], fileForm(definition));
  return document.toString({ lineWidth: 0 });
}

/** The digest of what a launch depends on: where it differs, a running process has to be started again. */
export function launchDigest({ uri, command, cwd, env, limits, tty }: UnitDefinition): Digest {
  return digestOfJson({ uri, command, cwd, env, limits, tty });
}

/** Reads `etc/session.yaml`; as good as empty if there is none. @throws {RestageError} `session/definition` */
export async function readSessionFile({ files, paths }: DefinitionContext): Promise<SessionDefinition> {
  const lines = new LineCounter();
  const document = parseDocument((await files.readIfExists(paths.sessionFile)) ?? '', { lineCounter: lines });
  const [error] = document.errors;
  const read = SessionDefinition.safeParse(document.toJS() ?? {});
  if (!error && read.success) return read.data;
  const line = error?.linePos?.[0].line ?? lineOf(document, lines, read.error?.issues[0]?.path[0]);
  const why = error?.message.split('\n')[0] ?? read.error?.issues[0]?.message ?? '';
  throw definitionError({ file: paths.sessionFile, line, why });
}

/** Writes `etc/session.yaml`, comments kept. */
export async function writeSessionFile(session: SessionDefinition, { files, paths }: DefinitionContext): Promise<void> {
  const document: Document = parseDocument((await files.readIfExists(paths.sessionFile)) ?? '');
  if (!isMap(document.contents)) document.contents = document.createNode({});
  merge(document, [], { dependences: session.dependences, schemes: session.schemes });
  await files.write(paths.sessionFile, document.toString({ lineWidth: 0 }));
}

/** A flaw as the failure of a command that needs this very file. */
export function definitionError({ file, line, why }: DefinitionFlaw): RestageError {
  const where = line === undefined ? file : `${file}:${line}`;
  return new RestageError('session/definition', `${where} ${why}`, { details: { file, line } });
}

async function readLastGood(file: string, context: DefinitionContext): Promise<UnitDefinition | undefined> {
  const text = await context.files.readIfExists(lastGoodPath(file, context));
  return text === undefined ? undefined : UnitDefinition.safeParse(JSON.parse(text)).data;
}

function lastGoodPath(file: string, { paths }: DefinitionContext): string {
  return join(paths.state, 'last-good', basename(file));
}

function named(value: object, file: string, ownNames: readonly string[]): object {
  const own = basename(file, '.yaml');
  if (!('uri' in value) || typeof value.uri !== 'string' || ('name' in value && value.name !== null)) return value;
  const name = unitName(canonicalOf(value.uri, ownNames), () => false);
  return { ...value, name, ...(!('alias' in value) && own !== name && { alias: own }) };
}

function isFirst(unit: DeclaredUnit, index: number, units: readonly DeclaredUnit[], flaws: DefinitionFlaw[]): boolean {
  const { name, alias } = unit.definition;
  const twin = units.slice(0, index).find(({ definition }) => {
    return definition.name === name || (alias !== null && (definition.alias === alias || definition.name === alias));
  });
  if (twin) flaws.push({ file: unit.file, line: undefined, why: `declares ${alias ?? name}, which ${twin.file} has` });
  return !twin;
}

/** A definition as people write it: `restart: 1`. */
function fileForm({ restart, shutdown, ...rest }: UnitDefinition): Record<string, unknown> {
  const { name, alias, uri, command, cwd, env, ...others } = rest;
  const policy = restart === 'no' ? 0 : restart === 'always' ? 1 : restart;
  return { name, alias, uri, command, cwd, env, restart: policy, shutdown: shutdown ? 1 : 0, ...others };
}

/** Changes a document so that it says `want` at `path`; leaves out defaults that it does not mention. */
function merge(document: Document, path: readonly string[], want: Readonly<Record<string, unknown>>): void {
  const present = document.getIn(path, true);
  const keys = isMap(present) ? present.items.map(({ key }) => String(key)) : [];
  for (const key of keys) if (want[key] === undefined) document.deleteIn([...path, key]);
  for (const [key, value] of Object.entries(want)) {
    const at = [...path, key];
    if (value === undefined || (!document.hasIn(at) && isDefault(at, value))) continue;
    if (isPlainObject(value) && Object.keys(value).length > 0 && !document.hasIn(at))
      document.setIn(at, document.createNode({}));
    const now: unknown = document.getIn(at, true);
    if (isMap(now) && isPlainObject(value)) merge(document, at, value);
    else if (canonicalJson(valueOf(document, at) ?? null) !== canonicalJson(value)) {
      // A plain value is put into the node that is there, so that the comment behind it stays.
      document.setIn(at, typeof value === 'object' ? document.createNode(value) : value);
    }
  }
}

function valueOf(document: Document, path: readonly string[]): unknown {
  let value: unknown = document.toJS();
  for (const key of path) value = isPlainObject(value) ? value[key] : undefined;
  return value;
}

function isDefault(path: readonly string[], value: unknown): boolean {
  if (path[0] === 'restart' || path[0] === 'shutdown') return false;
  let standard: unknown = DEFAULTS;
  for (const key of path) standard = isPlainObject(standard) ? standard[key] : undefined;
  return standard !== undefined && canonicalJson(standard) === canonicalJson(value);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function lineOf(document: Document, lines: LineCounter, key: PropertyKey | undefined): number | undefined {
  const node: unknown = key === undefined ? document.contents : document.getIn([key], true);
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined;
  const start: unknown = node.range[0];
  return typeof start === 'number' ? lines.linePos(start).line : undefined;
}
