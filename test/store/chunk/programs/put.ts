/** Puts contents into a chunk plane and prints the digest of each once it is acknowledged: `put.ts ROOT SIZE SEED…` */
import { openChunkPlane } from '../../../../src/store/chunk/open.ts';
import { testContext } from '../../../rig/context.ts';
import { noise } from '../rig.ts';

const [root = '', size = '0', ...seeds] = process.argv.slice(2);
const plane = await openChunkPlane(root, 'create', testContext());
for (const seed of seeds) {
  const { digest } = await plane.putBlob(noise(Number(size), seed));
  process.stdout.write(`${digest}\n`);
}
await plane.close();
