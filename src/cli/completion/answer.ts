import { COMMANDS } from '../commands.ts';
import { wordsMeant } from '../program-names.ts';
import { completionAt, type Offer } from './complete.ts';
import { liveNames, type LiveSources } from './live-names.ts';
import { lineAtCursor } from './line-at-cursor.ts';

/** What a completion script asked. */
export interface CompletionRequest {
  /** The name under which the program is being typed. */
  readonly program: string;
  /**
   * `bash LINE WORD`: the line up to the cursor, and the part of the last word that bash thinks is the word. `zsh WORD…`
   * and `fish WORD…`: the words up to the cursor, the last one unfinished.
   */
  readonly words: readonly string[];
}

/**
 * Answers a completion script: one offer a line, its meaning behind a tab. A line `:file` or `:directory` says that the
 * shell itself knows best.
 */
export async function answerCompletion({ program, words }: CompletionRequest, sources: LiveSources): Promise<string> {
  const [shell = '', ...typed] = words;
  const { before, current, skip } = shell === 'bash' ? fromLine(typed) : fromWords(typed);
  const { offers, live } = completionAt(wordsMeant(program, before, COMMANDS), current, COMMANDS);
  if (live && isPath(live.kind, live.prefix)) return `:${live.kind === 'directory' ? 'directory' : 'file'}\n`;
  const names = live ? await liveNames(live.kind, live.prefix, sources) : [];
  const all = [...offers, ...names.map((name) => ({ value: (live?.before ?? '') + name, summary: '' }))];
  return all.map((offer) => lineOf(offer, skip)).join('');
}

interface Cursor {
  readonly before: readonly string[];
  readonly current: string;
  /** How many letters of each offer the shell has already. */
  readonly skip: number;
}

/** bash splits words at `:`, `=` and `@`, so the line is split anew and the offers lose what bash holds for done. */
function fromLine([line = '', word = '']: readonly string[]): Cursor {
  const words = lineAtCursor(line);
  const current = words.at(-1) ?? '';
  const skip = current.endsWith(word) ? current.length - word.length : 0;
  return { before: words.slice(1, -1), current, skip };
}

function fromWords(words: readonly string[]): Cursor {
  return { before: words.slice(0, -1), current: words.at(-1) ?? '', skip: 0 };
}

/** Files are what the shell completes better than anyone; a snapshot with a slash in its name is a file, too. */
function isPath(kind: string, prefix: string): boolean {
  return kind === 'file' || kind === 'directory' || (kind === 'snapshot' && prefix.includes('/'));
}

function lineOf({ value, summary }: Offer, skip: number): string {
  return `${value.slice(skip)}${summary === '' ? '' : `\t${summary}`}\n`;
}
