/** The process of a lab, as `restage nodes lab serve` runs it: started by tests that have no command line. */
import { serveLab } from '../../../src/nodes/lab/serve.ts';
import { listenOnLoopback } from '../../../src/platform/http-server.ts';
import { createLocalContext } from '../../../src/platform/local-context.ts';

/** A test that was stopped from outside ends no lab: after this long it ends by itself. */
const LIFE_MS = 180_000;

const stopped = new AbortController();
process.once('SIGTERM', stop);
setTimeout(stop, LIFE_MS).unref();
const directory = process.argv.at(-1) ?? '';
await serveLab(directory, { ...createLocalContext(stopped.signal, () => undefined), listen: listenOnLoopback });

function stop(): void {
  stopped.abort(new Error('ended'));
}
