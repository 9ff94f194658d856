import type { Files } from '../../platform/files.ts';
import type { Committed } from '../contract.ts';

/** Answers to requests that changed nothing: no commit tells of them, so they are kept beside the index. */
export interface RequestMemory {
  /** The answer that a request got lately. */
  find(requestId: string, now: number): Promise<Committed | undefined>;
  /** Keeps answers durably. Only under the lock of the branch. */
  remember(answers: readonly RememberedAnswer[]): Promise<void>;
}

/** An answer, when and to whom. */
export interface RememberedAnswer {
  readonly requestId: string;
  /** ms since the epoch. */
  readonly at: number;
  readonly answer: Committed;
}

/** How long a request id is remembered. */
export const REQUEST_MEMORY_MS = 24 * 3600 * 1000;
/** Bytes at which what is too old is thrown away. */
const FULL = 1 << 20;

/** The memory in a file of lines. */
export function createRequestMemory(file: string, files: Files, now: () => number): RequestMemory {
  let known: { readonly stamp: string; readonly answers: ReadonlyMap<string, RememberedAnswer> } | undefined;
  const read = async () => {
    const stat = await files.stat(file);
    const stamp = stat ? `${stat.inode} ${stat.size}` : '';
    if (known?.stamp !== stamp) {
      const answers = parseAnswers(stat ? ((await files.readIfExists(file)) ?? '') : '');
      known = { stamp, answers: new Map(answers.map((answer) => [answer.requestId, answer])) };
    }
    return { answers: known.answers, size: stat?.size ?? 0 };
  };
  return {
    find: async (requestId, at) => {
      const found = (await read()).answers.get(requestId);
      return found && at - found.at <= REQUEST_MEMORY_MS ? found.answer : undefined;
    },
    remember: async (answers) => {
      const present = await read();
      if (present.size < FULL) await files.append(file, writeAnswers(answers));
      else {
        const young = [...present.answers.values()].filter(({ at }) => now() - at <= REQUEST_MEMORY_MS);
        await files.write(file, writeAnswers([...young, ...answers]));
      }
    },
  };
}

/** Reads the lines; a torn last one is left out, and so is what cannot be read. */
export function parseAnswers(text: string): RememberedAnswer[] {
  const answers: RememberedAnswer[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    try {
      answers.push(JSON.parse(line) as RememberedAnswer);
    } catch {
      // Derived from nothing, needed by a repeat only: better forgotten than fatal.
    }
  }
  return answers;
}

function writeAnswers(answers: readonly RememberedAnswer[]): string {
  return answers.map((answer) => `${JSON.stringify(answer)}\n`).join('');
}
