import { writeSync } from 'node:fs';
import { createLocalContext } from '../../../src/platform/local-context.ts';
import { directory } from '../../../src/store/engines/directory.ts';

/**
 * A process that writes to a store: `write.ts DIRECTORY NAME COUNT CLIENTS`. Each commit puts one content into two
 * members; what has been acknowledged stands on stdout, one line each, before anything else happens.
 */
const [place = '', name = '', count = '1', clients = '1'] = process.argv.slice(2);
const context = createLocalContext(new AbortController().signal, () => undefined);
const store = await directory.open({ directory: place, mode: 'create' }, context);
let next = 0;
async function client(): Promise<void> {
  while (next < Number(count)) {
    const content = `${name} ${next++}`;
    const puts = ['left', 'right'].map((side) => ({ path: `pairs/${name}/${side}`, bytes: Buffer.from(content) }));
    const { seq, version } = await store.commit({ subject: content, producer: `${name}@test`, puts });
    writeSync(1, `${JSON.stringify({ seq, version, content })}\n`);
  }
}
await Promise.all(Array.from({ length: Number(clients) }, client));
await store.close();
