import { createHash } from 'node:crypto';
import type { Configuration } from '../model/config.ts';
import { compareText } from '../model/order.ts';
import { KNOWN_STAGES, streamWords } from '../model/stream.ts';
import type { ChunkerId } from '../store/contract.ts';
import { malformed, readDeclarations, type Declaration } from './declaration.ts';

/** Where streams stand that nobody declared. */
const OPEN_ROOT = 'streams';

/** A stream as it may be read and written; whether it has a version yet is another question. */
export interface Stream {
  /** Such as `qplan/raw`. */
  readonly name: string;
  /** What subscribers choose by, such as `qplan raw`. */
  readonly topic: string;
  /** Its member of the history. */
  readonly path: string;
  readonly type?: string;
  readonly inline?: number;
  readonly chunker?: ChunkerId;
}

/** The names of streams and what they stand for. Pure: it knows the configuration and not the store. */
export interface StreamTable {
  /** Whether any `[stream]` section is there: then only those streams belong to the workspace. */
  readonly hasDeclarations: boolean;
  /** The stream of a name as it was typed; `undefined` if it is no name or nothing declares it. */
  find(text: string): Stream | undefined;
  /** The stream of a name as a snapshot has it, declared or not. */
  named(name: string): Stream;
  /** The stream that stands at a path of the history; `undefined` if none does. */
  at(path: string): Stream | undefined;
  /** Whether a section declares it. */
  isDeclared(stream: Stream): boolean;
  /** The declared streams that have no `*`, sorted by name. */
  readonly declared: readonly Stream[];
  /** Prefixes of the history below which all streams stand. */
  readonly roots: readonly string[];
}

/**
 * Reads what the configuration says of streams.
 *
 * Names are words with blanks or `/` between. A name is taken as it stands first, then with a stage in front moved to
 * the end: `raw qplan` is `qplan/raw`. Without a `[stream]` section, and with `[data] declare = open`, every name is
 * a stream. `[data] paths = shown` takes paths of the history for names, too.
 *
 * @throws {RestageError} `config/malformed` for sections that contradict each other
 */
export function readStreams(configuration: Configuration): StreamTable {
  const declarations = readDeclarations(configuration);
  const isOpen = readOpen(configuration, declarations);
  const pathsShown = configuration.get('data', 'paths') === 'shown';
  const stages = new Set<string>([...KNOWN_STAGES, ...declarations.flatMap((one) => one.stages)]);
  const byName = declaredByName(declarations);
  const declared = [...new Set(byName.values())].sort((a, b) => compareText(a.name, b.name));
  const byPath = new Map(declared.map((stream) => [stream.path, stream]));
  const patterns = declarations.filter(({ name }) => name.includes('*'));
  refuseSwapped(byName, stages);

  const fromPattern = (name: string) => firstOf(patterns, (pattern) => matchName(pattern, name));
  const at = (path: string) =>
    byPath.get(path) ?? firstOf(patterns, (pattern) => matchPath(pattern, path)) ?? (isOpen ? openAt(path) : undefined);
  return {
    ...{ hasDeclarations: declarations.length > 0, declared, at, roots: rootsOf(declared, patterns, isOpen) },
    find: (text) => {
      const [exact, swapped] = readings(text, stages);
      if (exact === undefined) return undefined;
      const known = [exact, swapped].map((name) => name && (byName.get(name) ?? fromPattern(name))).find(Boolean);
      if (known) return known;
      const shown = pathsShown ? at(text.trim()) : undefined;
      if (shown ?? !isOpen) return shown;
      return openStream(swapped !== undefined && !stages.has(exact.split('/').at(-1) ?? '') ? swapped : exact);
    },
    named: (name) => byName.get(name) ?? fromPattern(name) ?? openStream(name),
    isDeclared: ({ name, path }) => byPath.has(path) || fromPattern(name)?.path === path,
  };
}

/** The name as typed, and with a stage in front moved to the end. */
function readings(text: string, stages: ReadonlySet<string>): readonly [string | undefined, string | undefined] {
  const words = streamWords(text);
  const [first = '', ...others] = words;
  if (first === '') return [undefined, undefined];
  return [words.join('/'), others.length > 0 && stages.has(first) ? [...others, first].join('/') : undefined];
}

function readOpen(configuration: Configuration, declarations: readonly Declaration[]): boolean {
  const text = configuration.get('data', 'declare') ?? (declarations.length > 0 ? 'closed' : 'open');
  if (text === 'open' || text === 'closed') return text === 'open';
  throw malformed('[data] declare', `declare is open or closed, and not ${text}`);
}

/** All names and aliases of streams without `*`. */
function declaredByName(declarations: readonly Declaration[]): ReadonlyMap<string, Stream> {
  const byName = new Map<string, Stream>();
  const byPath = new Map<string, Stream>();
  for (const declaration of declarations.filter(({ name }) => !name.includes('*'))) {
    const { name, aliases, stages, origin } = declaration;
    for (const stage of stages.length > 0 ? stages : [undefined]) {
      const stream = declaredStream(declaration, name, stage);
      const other = byPath.get(stream.path);
      if (other) throw malformed(origin, `streams ${other.name} and ${stream.name} have one path`);
      byPath.set(stream.path, stream);
      for (const called of [name, ...aliases]) addName(byName, fullName(called, stage), stream, origin);
    }
  }
  return byName;
}

function addName(byName: Map<string, Stream>, name: string, stream: Stream, origin: string): void {
  if (byName.has(name)) throw malformed(origin, `stream ${name} is declared twice`);
  byName.set(name, stream);
}

function fullName(base: string, stage: string | undefined): string {
  return stage === undefined ? base : `${base}/${stage}`;
}

/** `qplan/raw` and `raw/qplan` may not both be declared: each is the other one, swapped. */
function refuseSwapped(byName: ReadonlyMap<string, Stream>, stages: ReadonlySet<string>): void {
  for (const [name, stream] of byName) {
    const [, swapped] = readings(name, stages);
    const other = swapped === undefined ? undefined : byName.get(swapped);
    if (!other || other === stream) continue;
    const message = `streams ${name} and ${swapped ?? ''} contradict each other: stage and name in swapped order are one`;
    throw malformed('[stream]', message);
  }
}

function declaredStream(declaration: Declaration, base: string, stage: string | undefined): Stream {
  const { path, type, inline, chunker, fanout } = declaration;
  const name = fullName(base, stage);
  return {
    ...{ name, topic: name.replaceAll('/', ' ') },
    path: path.replaceAll('{name}', spread(base, fanout)).replaceAll('{stage}', stage ?? ''),
    ...(type !== undefined && { type }),
    ...(inline !== undefined && { inline }),
    ...(chunker !== undefined && { chunker }),
  };
}

/** Puts folders in front of the last word that are named by its hash: `sensor/t1` becomes `sensor/3f/t1`. */
function spread(base: string, fanout: number): string {
  if (fanout === 0) return base;
  const words = base.split('/');
  const hash = createHash('sha256').update(base).digest('hex');
  const folders = Array.from({ length: fanout }, (_, level) => hash.slice(2 * level, 2 * level + 2));
  return [...words.slice(0, -1), ...folders, ...words.slice(-1)].join('/');
}

function matchName(declaration: Declaration, name: string): Stream | undefined {
  const words = name.split('/');
  const stage = declaration.stages.length > 0 ? words.pop() : undefined;
  if (stage !== undefined && !declaration.stages.includes(stage)) return undefined;
  const pattern = declaration.name.split('/');
  const fits = words.length === pattern.length && pattern.every((word, index) => word === '*' || word === words[index]);
  return fits ? declaredStream(declaration, words.join('/'), stage) : undefined;
}

function matchPath(declaration: Declaration, path: string): Stream | undefined {
  const { name, stages, fanout } = declaration;
  const words = name.split('/').map((word) => (word === '*' ? '[^/]+' : escape(word)));
  const spreadName = [...words.slice(0, -1), ...Array<string>(fanout).fill('[0-9a-f]{2}'), ...words.slice(-1)].join(
    '/',
  );
  const source = once(once(escape(declaration.path), 'name', spreadName), 'stage', stages.map(escape).join('|'));
  const groups = new RegExp(`^${source}$`, 'u').exec(path)?.groups;
  if (!groups) return undefined;
  const parts = (groups['name'] ?? '').split('/');
  parts.splice(parts.length - 1 - fanout, fanout);
  const stream = declaredStream(declaration, parts.join('/'), groups['stage'] ?? stages[0]);
  return stream.path === path ? stream : undefined;
}

/** The first place of a word in a pattern is a group; the others must be equal to it. */
function once(source: string, word: string, pattern: string): string {
  const place = escape(`{${word}}`);
  return source.replace(place, () => `(?<${word}>${pattern})`).replaceAll(place, () => `\\k<${word}>`);
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function openStream(name: string): Stream {
  return { name, topic: name.replaceAll('/', ' '), path: `${OPEN_ROOT}/${name}` };
}

function openAt(path: string): Stream | undefined {
  return path.startsWith(`${OPEN_ROOT}/`) ? openStream(path.slice(OPEN_ROOT.length + 1)) : undefined;
}

function rootsOf(declared: readonly Stream[], patterns: readonly Declaration[], isOpen: boolean): readonly string[] {
  const paths = [
    ...declared.map(({ path }) => path),
    ...patterns.map(({ path, name }) => path.replace('{name}', name)),
  ];
  const roots = new Set(paths.map((path) => path.split('/')[0] ?? ''));
  if (isOpen) roots.add(OPEN_ROOT);
  return [...roots].some((root) => /[{*]/.test(root)) ? [''] : [...roots].sort(compareText);
}

function firstOf<Item, Found>(items: readonly Item[], find: (item: Item) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
