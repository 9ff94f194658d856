import { z } from 'zod';
import { failure } from '../answer.ts';
import { within } from '../within.ts';
import { defineRemoteDriver, isPlainWord } from './contract.ts';

const LIMIT_MS = 3000;

const Result = z.object({ status: z.number().int(), stdout: z.string() });

/** The loopback protocol of the simulated lab: `POST /exec` with `{file, args}` on the port of the node. */
export const sim = defineRemoteDriver({
  id: 'sim',
  summary: 'nodes of the simulated lab',

  async run({ name, control, ssh: { port } }, file, args, context) {
    if (![file, ...args].every(isPlainWord)) throw new Error(`no plain words: ${[file, ...args].join(' ')}`);
    const silent = failure('ssh-timeout', `${name} does not answer on port ${port}`);
    try {
      const text = await within(LIMIT_MS, context, async (signal) => {
        const body = JSON.stringify({ file, args });
        const response = await context.fetch(`http://${control.host}:${port}/exec`, { method: 'POST', body, signal });
        return response.ok ? response.text() : undefined;
      });
      if (text === undefined) return silent;
      return { ok: true, value: Result.parse(JSON.parse(text)) };
    } catch {
      context.signal.throwIfAborted();
      return silent;
    }
  },
});
