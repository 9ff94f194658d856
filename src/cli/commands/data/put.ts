import { resolve } from 'node:path';
import { z } from 'zod';
import { EXIT, RestageError } from '../../../errors.ts';
import type { StreamSource } from '../../../model/stream.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { readInput } from '../../read-input.ts';
import { putText } from '../../render/data.ts';

const PutInput = z.object({
  stream: z.string(),
  file: z.string().optional(),
  expect: z.string().optional(),
  input: z.array(z.string()).default([]),
  producer: z.string().min(1).optional(),
  request: z.string().min(1).optional(),
  message: z.string().min(1).optional(),
  force: z.boolean().default(false),
  delete: z.boolean().default(false),
  print: z.boolean().default(false),
});

/** `restage data put STREAM [FILE]`. */
export async function runDataPut(context: CommandContext, { parameters, options }: CommandInput): Promise<number> {
  const input = readInput(PutInput, { ...parameters, ...options });
  const { stream, expect, request, input: inputs, ...how } = input;
  const data = await context.engine.data();
  const source = (): StreamSource =>
    input.file === undefined || input.file === '-'
      ? context.readInput()
      : { file: resolve(context.directory, input.file) };
  if (input.print) {
    const message = data.putMessage(await data.topic(stream), data.content(source()));
    for await (const part of message) await context.write(part);
    return EXIT.done;
  }
  if (input.delete && input.file !== undefined) throw new RestageError('cli/usage', '--delete takes no file');
  const answer = await data.put({
    puts: input.delete ? [] : [{ stream, source: source(), expect }],
    deletes: input.delete ? [{ stream, expect }] : [],
    ...{ producer: how.producer, message: how.message, force: how.force, requestId: request, inputs },
  });
  const document = { schema: 'restage/put/1', version: answer.version, seq: answer.seq, streams: answer.streams };
  context.print(document, answer.streams.map(putText).join('\n'));
  return EXIT.done;
}
