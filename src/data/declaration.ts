import { RestageError } from '../errors.ts';
import type { Configuration } from '../model/config.ts';
import { streamWords } from '../model/stream.ts';
import type { ChunkerId } from '../store/contract.ts';

const SECTION = 'stream ';
const CHUNKERS: readonly ChunkerId[] = ['cdc-64k', 'cdc-256k', 'cdc-1m', 'fixed-1m'];
/** Roots of the history that are not for streams. */
const TAKEN_ROOTS: ReadonlySet<string> = new Set(['snapshots', 'images', 'jobs']);
const UNITS: Readonly<Record<string, number>> = { '': 1, 'k': 1024, 'm': 1024 ** 2, 'g': 1024 ** 3 };

/** A `[stream NAME]` section. */
export interface Declaration {
  /** Words with `/` between; one of them may be `*` and stands for any word. */
  readonly name: string;
  /** Empty: the stream has no stages. */
  readonly stages: readonly string[];
  /** Where its versions stand in the history, with `{name}` and `{stage}`. */
  readonly path: string;
  readonly type?: string;
  readonly aliases: readonly string[];
  /** Content up to this many bytes stands in the history itself. */
  readonly inline?: number;
  readonly chunker?: ChunkerId;
  /** Levels of folders that are named by a hash, for names by the ten thousand. */
  readonly fanout: number;
  /** Where it was declared. */
  readonly origin: string;
}

/**
 * Reads the `[stream NAME]` sections.
 *
 * @throws {RestageError} `config/malformed`, naming the section and its key
 */
export function readDeclarations(configuration: Configuration): readonly Declaration[] {
  return configuration
    .sections()
    .filter((section) => section.startsWith(SECTION))
    .map((section) => readDeclaration(section, configuration));
}

/** A configuration that cannot be meant, with the place where it was found. */
export function malformed(origin: string, message: string): RestageError {
  return new RestageError('config/malformed', `${message} (${origin})`, { details: { origin } });
}

function readDeclaration(section: string, configuration: Configuration): Declaration {
  const values = configuration.section(section);
  const value = (key: string) => {
    const text = values.get(key)?.value.trim();
    return text === '' ? undefined : text;
  };
  const origin = [...values.values()][0]?.origin ?? `[${section}]`;
  const name = streamWords(section.slice(SECTION.length)).join('/');
  const stages = words(value('stages'));
  const path = value('path') ?? (stages.length > 0 ? 'streams/{name}/{stage}' : 'streams/{name}');
  checkPattern(path, { name, stages, origin });
  const [type, chunker, inline] = [value('type'), value('chunker'), value('inline')];
  return {
    ...{ name, stages, path, aliases: words(value('alias')), origin },
    ...(type !== undefined && { type }),
    ...(chunker !== undefined && { chunker: readChunker(chunker, origin) }),
    ...(inline !== undefined && { inline: readSize(inline, origin) }),
    fanout: readFanout(value('fanout') ?? (name.includes('*') ? '1' : '0'), origin),
  };
}

function checkPattern(path: string, { name, stages, origin }: Pick<Declaration, 'name' | 'stages' | 'origin'>): void {
  if (name === '') throw malformed(origin, 'a stream needs a name');
  if (!/^(?:\*|[^*]+)(?:\/(?:\*|[^/*]+))*$/.test(name) || name.split('*').length > 2) {
    throw malformed(origin, `stream ${name}: * stands for one whole word, once`);
  }
  const [root = ''] = path.split('/');
  if (TAKEN_ROOTS.has(root)) throw malformed(origin, `stream ${name}: path ${path} is not for streams`);
  const unknown = /\{(?!(?:name|stage)\})[^}]*\}/.exec(path)?.[0];
  if (unknown !== undefined) throw malformed(origin, `stream ${name}: path knows no ${unknown}`);
  if (path.includes('{stage}') !== stages.length > 0 && (stages.length !== 1 || path.includes('{stage}'))) {
    throw malformed(origin, `stream ${name}: stages and {stage} in path belong together`);
  }
  if (name.includes('*') && !path.includes('{name}')) {
    throw malformed(origin, `stream ${name}: path needs {name}, since * stands for many`);
  }
}

function words(text: string | undefined): readonly string[] {
  return (text ?? '').split(/[\s,]+/).filter((word) => word !== '');
}

function readChunker(text: string, origin: string): ChunkerId {
  const found = CHUNKERS.find((chunker) => chunker === text);
  if (found) return found;
  throw malformed(origin, `no chunker ${text}, only ${CHUNKERS.join(', ')}`);
}

function readSize(text: string, origin: string): number {
  const [, count, unit = ''] = /^(\d+)\s*([kmg]?)(?:i?b)?$/i.exec(text) ?? [];
  if (count === undefined) throw malformed(origin, `${text} is no size`);
  return Number(count) * (UNITS[unit.toLowerCase()] ?? 1);
}

function readFanout(text: string, origin: string): number {
  if (/^[0-3]$/.test(text)) return Number(text);
  throw malformed(origin, `fanout ${text} is not 0, 1, 2 or 3`);
}
