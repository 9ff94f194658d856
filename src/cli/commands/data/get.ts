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

/** `restage data get STREAM[@VERSION]`: the content on stdout, or into a file. */
export async function runDataGet(context: CommandContext, { parameters, options }: CommandInput): Promise<number> {
  const { stream, output, range, digest, print } = readInput(GetInput, { ...parameters, ...options });
  const data = await context.engine.data();
  const found = await data.get(stream);
  const { entry, member } = found;
  if (digest) {
    context.print(entry, entry.digest);
    return EXIT.done;
  }
  const content = print
    ? data.getMessage(found)
    : member.stream(range === undefined ? undefined : readRange(range, entry.size));
  if (output === undefined || output === '-') {
    for await (const part of content) await context.write(part);
    return EXIT.done;
  }
  await data.save(resolve(context.directory, output), content);
  context.print({ ...entry, file: output }, `${output}  ${entry.version.slice(0, 10)}  ${sizeText(entry.size)}`);
  return EXIT.done;
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
