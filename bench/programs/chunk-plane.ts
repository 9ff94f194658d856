/** One call of the chunk plane in a process of its own, for `bench/chunks.ts`: `put ROOT FILE` or `get ROOT DIGEST FILE`. */
import { createWriteStream, readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Digest } from '../../src/model/id.ts';
import { createLocalContext } from '../../src/platform/local-context.ts';
import { openChunkPlane } from '../../src/store/chunk/open.ts';

const [verb, root = '', subject = '', target = ''] = process.argv.slice(2);
const context = createLocalContext(new AbortController().signal, () => undefined);
const plane = await openChunkPlane(root, verb === 'put' ? 'create' : 'read', context);
if (verb === 'put') {
  const { digest } = await plane.putBlob({ file: subject });
  process.stdout.write(`${digest} `);
} else {
  const reader = await plane.readBlob(subject as Digest);
  if (!reader) throw new Error(`there is no ${subject}`);
  await pipeline(reader.stream, createWriteStream(target));
}
await plane.close();
// Not `resourceUsage`: that counts the memory of who has started us, too.
const [, peak = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
process.stdout.write(`${peak}\n`);
