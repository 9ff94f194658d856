import { isUtf8 } from 'node:buffer';
import { resolve } from 'node:path';
import { z } from 'zod';
import { EXIT, RestageError } from '../../../errors.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { readInput } from '../../read-input.ts';
import { sizeText } from '../../render/quantity.ts';

const GetInput = z.object({
  stream: z.string(),
  output: z.string().optional(),
  range: z.string().optional(),
  digest: z.boolean().default(false),
  print: z.boolean().default(false),
});

/** `restage data get STREAM[@VERSION]`: the content on stdout, in the document with `--json`, or into a file. */
export async function runDataGet(context: CommandContext, { parameters, options }: CommandInput): Promise<number> {
  const { stream, output, range, digest, print } = readInput(GetInput, { ...parameters, ...options });
  const data = await context.engine.data();
  const found = await data.get(stream);
  const { entry, member } = found;
  if (digest) {
    context.print({ schema: 'restage/stream/1', ...entry }, entry.digest);
    return EXIT.done;
  }
  const content = print
    ? data.getMessage(found)
    : member.stream(range === undefined ? undefined : readRange(range, entry.size));
  if (context.flags.json && output === undefined) {
    context.print({ schema: 'restage/stream/1', ...entry, ...(await contentOf(content)) }, '');
    return EXIT.done;
  }
  if (output === undefined || output === '-') {
    for await (const part of content) await context.write(part);
    return EXIT.done;
  }
  await data.save(resolve(context.directory, output), content);
  const document = { schema: 'restage/stream/1', ...entry, file: output };
  context.print(document, `${output}  ${entry.version.slice(0, 10)}  ${sizeText(entry.size)}`);
  return EXIT.done;
}

/** A document holds text as it is, and other bytes in base64. `-o -` writes them raw, in bounded memory. */
async function contentOf(
  parts: AsyncIterable<Uint8Array>,
): Promise<{ readonly encoding: 'utf8' | 'base64'; readonly content: string }> {
  const read: Uint8Array[] = [];
  for await (const part of parts) read.push(part);
  const bytes = Buffer.concat(read);
  return isUtf8(bytes)
    ? { encoding: 'utf8', content: bytes.toString('utf8') }
    : { encoding: 'base64', content: bytes.toString('base64') };
}

/** Reads `FIRST-LAST` (both included) and `FIRST-`; what lies behind the end is left out. */
export function readRange(text: string, size: number): { readonly start: number; readonly end: number } {
  const [, first, last] = /^(\d{1,15})-(\d{1,15})?$/.exec(text) ?? [];
  if (first !== undefined) {
    const start = Math.min(Number(first), size);
    const end = last === undefined ? size : Math.min(Number(last) + 1, size);
    if (last === undefined || Number(last) >= Number(first)) return { start, end };
  }
  throw new RestageError('cli/usage', `--range ${text} is no range of bytes`, { hint: 'Write 0-99 or 100-' });
}
