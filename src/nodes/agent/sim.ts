import { Buffer } from 'node:buffer';
import { buffer } from 'node:stream/consumers';
import { DigestText, digestOf } from '../../model/digest.ts';
import type { InventoryNode } from '../../model/inventory.ts';
import { DONE, failure, type Answer } from '../answer.ts';
import { within } from '../within.ts';
import { defineAgentDriver, type AgentContext } from './contract.ts';

/** A disk of the lab is small: what takes longer stalls. */
const LIMIT_MS = 10_000;
const PAUSES_MS = { first: 10, last: 200 } as const;

/** The agent of a simulated node, on the node's own port: `GET /agent`, `PUT /agent/disk`, `POST /agent/finish`. */
export const sim = defineAgentDriver({
  id: 'sim',
  summary: 'nodes of the simulated lab',
  supports: { liveCopy: true },

  async await(node, limitMs, context) {
    const answered = await within(limitMs, context, async (signal) => {
      for (let pause: number = PAUSES_MS.first; ; pause = Math.min(pause * 2, PAUSES_MS.last)) {
        const answer = await request(node, 'GET', '/agent', { ...context, signal });
        if (answer?.ok) return DONE;
        await context.clock.sleep(pause, signal);
      }
    });
    return answered ?? failure('boot-timeout', `no agent on ${node.name} in ${limitMs / 1000} s`);
  },

  async write(node, { digest, stream }, context) {
    const body = await buffer(await stream());
    const answer = await request(node, 'PUT', '/agent/disk', context, body);
    if (!answer) return failure('write-failed', `${node.name} stopped answering while its disk was written`);
    const text = answer.bytes.toString('utf8').trim();
    if (!answer.ok) return failure('write-failed', `${node.name} answers ${text}`);
    return text === digest ? DONE : failure('digest-mismatch', `the disk of ${node.name} reads back as ${text}`);
  },

  async finish(node, context) {
    const answer = await request(node, 'POST', '/agent/finish', context);
    return answer?.ok ? DONE : failure('boot-timeout', `${node.name} does not leave its agent`);
  },

  async hash(node, context) {
    const answer = await this.read(node, context);
    return answer.ok ? { ok: true, value: DigestText.parse(digestOf(answer.value)) } : answer;
  },

  async read(node, context): Promise<Answer<Buffer>> {
    const answer = await request(node, 'GET', '/disk', context);
    return answer?.ok ? { ok: true, value: answer.bytes } : failure('ssh-timeout', `${node.name} does not answer`);
  },
});

async function request(
  { control, ssh }: InventoryNode,
  method: string,
  path: string,
  context: AgentContext,
  body?: Buffer,
): Promise<{ readonly ok: boolean; readonly bytes: Buffer } | undefined> {
  try {
    return await within(LIMIT_MS, context, async (signal) => {
      const url = `http://${control.host}:${ssh.port}${path}`;
      const response = await context.fetch(url, { method, signal, ...(body && { body: new Uint8Array(body) }) });
      return { ok: response.ok, bytes: Buffer.from(await response.arrayBuffer()) };
    });
  } catch {
    context.signal.throwIfAborted();
    return undefined;
  }
}
