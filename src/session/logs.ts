import type { LogLine } from '../model/session-report.ts';
import type { LogsRequest } from '../model/session-request.ts';
import type { SessionContext } from './context.ts';
import { requireSession } from './context.ts';
import { readDeclarations, type DeclaredUnit } from './definition.ts';
import { findUnits } from './find-units.ts';
import { knownSecrets } from './known-secrets.ts';
import { maskText } from './secrets.ts';

/** How much is read at once from the end of a file, in bytes. */
const BLOCK = 64 * 1024;
/** A line without end is cut here, in bytes: a program may print anything. */
const LONGEST_LINE = 1024 * 1024;
const FOLLOW_MS = 100;

interface LogFile {
  readonly unit: DeclaredUnit['definition'];
  readonly stream: 'out' | 'err';
  readonly path: string;
  readonly secrets: readonly string[];
}

/**
 * The last lines that units printed, then, with `follow`, all that they print from then on until the signal aborts.
 *
 * A file is read from its end, so that its size does not matter.
 */
export async function* readLogs(request: LogsRequest, context: SessionContext): AsyncGenerator<LogLine> {
  await requireSession(context);
  const { units } = await readDeclarations(context);
  const streams =
    request.out === request.err ? (['out', 'err'] as const) : request.out ? (['out'] as const) : (['err'] as const);
  const tails: LogTail[] = [];
  for (const { definition } of findUnits(request.units, units)) {
    const secrets = await knownSecrets(definition, context);
    for (const stream of streams) {
      const path = context.paths[stream](definition.name);
      const tail = new LogTail({ unit: definition, stream, path, secrets }, context);
      yield* await tail.last(request.lines, request.follow);
      tails.push(tail);
    }
  }
  while (request.follow) {
    let count = 0;
    for (const tail of tails) {
      for await (const line of tail.more()) {
        count += 1;
        yield line;
      }
    }
    if (count === 0) await context.clock.sleep(FOLLOW_MS);
  }
}

/** A log file that is read from near its end onwards. */
class LogTail {
  readonly #file: LogFile;
  readonly #context: SessionContext;
  #position = 0;
  #rest = Buffer.alloc(0);

  constructor(file: LogFile, context: SessionContext) {
    this.#file = file;
    this.#context = context;
  }

  /** The last lines that are there. A line without its end counts, unless there may be more of it soon. */
  async last(count: number, follows: boolean): Promise<LogLine[]> {
    const { path } = this.#file;
    const size = (await this.#context.files.stat(path))?.size ?? 0;
    let bytes = Buffer.alloc(0);
    let start = size;
    while (start > 0 && newlines(bytes) <= count) {
      const from = Math.max(0, start - BLOCK);
      bytes = Buffer.concat([await this.#read(from, start), bytes]);
      start = from;
    }
    this.#position = size;
    const end = bytes.lastIndexOf(0x0a) + 1;
    const lines = textLines(bytes.subarray(0, end));
    this.#rest = Buffer.from(bytes.subarray(end));
    if (!follows && this.#rest.length > 0) lines.push(this.#rest.toString('utf8'));
    return (count === 0 ? [] : lines.slice(-count)).map((line) => this.#lineOf(line));
  }

  /** Whole lines that were added since the last call. */
  async *more(): AsyncGenerator<LogLine> {
    const size = (await this.#context.files.stat(this.#file.path))?.size ?? 0;
    if (size < this.#position) {
      // Cut by somebody: what follows is new.
      this.#position = 0;
      this.#rest = Buffer.alloc(0);
    }
    while (this.#position < size) {
      const to = Math.min(size, this.#position + BLOCK);
      const bytes = Buffer.concat([this.#rest, await this.#read(this.#position, to)]);
      this.#position = to;
      const end = bytes.length > LONGEST_LINE ? bytes.length : bytes.lastIndexOf(0x0a) + 1;
      this.#rest = Buffer.from(bytes.subarray(end));
      for (const line of textLines(bytes.subarray(0, end))) yield this.#lineOf(line);
    }
  }

  async #read(start: number, end: number): Promise<Buffer> {
    await using file = await this.#context.files.open(this.#file.path, 'read');
    return await file.read(start, end - start);
  }

  #lineOf(line: string): LogLine {
    const { unit, stream, secrets } = this.#file;
    return { name: unit.name, alias: unit.alias, stream, line: maskText(line, secrets) };
  }
}

function newlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count += 1;
  return count;
}

function textLines(bytes: Buffer): string[] {
  const lines = bytes.toString('utf8').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
