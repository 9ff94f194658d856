/** The process of a lab, as `restage nodes lab serve` runs it: started by tests that have no command line. */
import { serveLab } from '../../../src/nodes/lab/serve.ts';
import { listenOnLoopback } from '../../../src/platform/http-server.ts';
import { createLocalContext } from '../../../src/platform/local-context.ts';

const stopped = new AbortController();
process.once('SIGTERM', () => {
  stopped.abort(new Error('ended'));
});
const directory = process.argv.at(-1) ?? '';
await serveLab(directory, { ...createLocalContext(stopped.signal, () => undefined), listen: listenOnLoopback });
