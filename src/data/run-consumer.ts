import { RestageError } from '../errors.ts';
import type { StreamEvent } from '../model/stream.ts';
import type { Exec } from '../platform/exec.ts';

/** How a consumer ended. */
export interface ConsumerResult {
  readonly status: number;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

/** Runs a program for an event, without a shell: the event stands in its variables. */
export async function runConsumer(command: string, event: StreamEvent, exec: Exec): Promise<ConsumerResult> {
  const [file, ...args] = splitCommand(command);
  if (file === undefined) throw new RestageError('cli/usage', 'there is no command to run');
  const { status, stdoutBytes, stderr } = await exec(file, args, { env: variablesOf(event) });
  return { status, stdout: stdoutBytes, stderr };
}

/** Splits a command as people write it into words: blanks part, quotes keep together, a backslash keeps one letter. */
export function splitCommand(command: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < command.length; at++) {
    const letter = command.charAt(at);
    if (quote !== undefined && letter === quote) quote = undefined;
    else if (quote === undefined && (letter === '"' || letter === "'")) [quote, word] = [letter, word ?? ''];
    else if (letter === '\\' && quote !== "'" && at + 1 < command.length) word = (word ?? '') + command.charAt(++at);
    else if (quote === undefined && /\s/.test(letter)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + letter;
  }
  if (quote !== undefined) throw new RestageError('cli/usage', `a ${quote} is not closed in ${command}`);
  return word === undefined ? words : [...words, word];
}

function variablesOf(event: StreamEvent): Readonly<Record<string, string>> {
  const { seq, version, stream, topic, change, producer, digest, size } = event;
  return {
    RESTAGE_SEQ: String(seq),
    RESTAGE_VERSION: version,
    RESTAGE_STREAM: stream,
    RESTAGE_TOPIC: topic,
    RESTAGE_CHANGE: change,
    RESTAGE_PRODUCER: producer,
    RESTAGE_DIGEST: digest ?? '',
    RESTAGE_SIZE: size === undefined ? '' : String(size),
  };
}
