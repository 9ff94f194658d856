import type { Program, Start } from '../../platform/exec.ts';
import type { GitObject, ObjectId, ObjectKind } from './object.ts';

/** git itself as a reader of objects, for what we do not read ourselves. Started by the first question. */
export interface CatFile {
  /** An object; `undefined` if git knows none. */
  read(id: ObjectId): Promise<GitObject | undefined>;
  /** Ends the process; the next question starts another. */
  close(): void;
}

interface Question {
  readonly resolve: (object: GitObject | undefined) => void;
  readonly reject: (reason: unknown) => void;
}

/** One `git cat-file --batch` on a bare repository. */
export function createCatFile(gitDirectory: string, start: Start): CatFile {
  let running: { readonly program: Program; readonly questions: Question[] } | undefined;
  const launch = () => {
    const program = start('git', ['-c', 'safe.directory=*', `--git-dir=${gitDirectory}`, 'cat-file', '--batch']);
    const questions: Question[] = [];
    const mine = { program, questions };
    void listen(program, questions).finally(() => {
      if (running === mine) running = undefined;
      for (const { reject } of questions.splice(0)) reject(new Error('git cat-file has ended'));
    });
    return mine;
  };
  return {
    read: (id) =>
      new Promise((resolve, reject) => {
        running ??= launch();
        running.questions.push({ resolve, reject });
        running.program.stdin.write(`${id}\n`);
      }),
    close: () => {
      const { program, questions } = running ?? {};
      running = undefined;
      if (questions?.length === 0) program?.kill();
      else program?.stdin.end();
    },
  };
}

async function listen(program: Program, questions: Question[]): Promise<void> {
  let bytes = Buffer.alloc(0);
  for await (const part of program.stdout) {
    bytes = Buffer.concat([bytes, part as Buffer]);
    for (let answer = parseAnswer(bytes); answer; answer = parseAnswer(bytes)) {
      bytes = bytes.subarray(answer.length);
      questions.shift()?.resolve(answer.object);
    }
  }
}

/** Reads one answer of `git cat-file --batch`; `undefined` while it is not complete. */
export function parseAnswer(
  bytes: Buffer,
): { readonly object: GitObject | undefined; readonly length: number } | undefined {
  const end = bytes.indexOf(0x0a);
  if (end < 0) return undefined;
  const [, kind, size] = /^\S+ (commit|tree|blob|tag) (\d+)$/.exec(bytes.toString('latin1', 0, end)) ?? [];
  if (kind === undefined) return { object: undefined, length: end + 1 };
  const length = end + 1 + Number(size) + 1;
  if (bytes.length < length) return undefined;
  return { object: { kind: kind as ObjectKind, body: Buffer.from(bytes.subarray(end + 1, length - 1)) }, length };
}
