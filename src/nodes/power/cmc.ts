import type { PowerFeed } from '../../model/inventory.ts';
import type { PowerState } from '../../model/node.ts';
import { DONE, failure, type Answer } from '../answer.ts';
import { within } from '../within.ts';
import { definePowerDriver, type PowerContext } from './contract.ts';

/** A card that has not answered by then does not answer. */
const LIMIT_MS = 3000;
/** An answer is a word, or some lines for `info`. */
const LIMIT_CHARACTERS = 16_384;

/**
 * The cards of R2lab: `GET http://HOST/VERB` answers a bare word, without a content type worth reading.
 *
 * An outlet has `verbs` in the inventory, which stand before the verb: `usrp` makes `usrpstatus`, `usrpon`, `usrpoff`.
 */
export const cmc = definePowerDriver({
  id: 'cmc',
  summary: 'CMC cards over HTTP',
  supports: { reset: true, info: true },

  async probe() {
    return { available: true };
  },

  async status(feed, context) {
    const answer = await ask(feed, 'status', context);
    return answer.ok ? parseStatus(answer.value) : answer;
  },

  async on(feed, context) {
    return accepted(await ask(feed, 'on', context), 'on');
  },

  async off(feed, context) {
    return accepted(await ask(feed, 'off', context), 'off');
  },

  async reset(feed, context) {
    return accepted(await ask(feed, 'reset', context), undefined);
  },

  async info(feed, context) {
    const answer = await ask(feed, 'info', context);
    if (!answer.ok || !isHtml(answer.value)) return answer;
    return failure('power-unknown', `its card answers ${shown(answer.value)}`);
  },
});

/** Reads what a card says to `status`: `on` or `off`, and anything else is unknown. */
export function parseStatus(text: string): Answer<PowerState> {
  const word = text.trim().toLowerCase();
  if (word === 'on' || word === 'off') return { ok: true, value: word };
  return failure('power-unknown', `its card answers ${shown(text)}`);
}

/** Reads what a card says to a verb that changes something: `ok`, or `already on` (`off`) where that is what was wanted. */
export function parseAccepted(text: string, wanted: PowerState | undefined): Answer {
  const words = text.trim().toLowerCase().split(/\s+/).join(' ');
  if (words === 'ok' || (wanted !== undefined && words === `already ${wanted}`)) return DONE;
  return failure('power-failed', `its card answers ${shown(text)}`);
}

function accepted(answer: Answer<string>, wanted: PowerState | undefined): Answer {
  return answer.ok ? parseAccepted(answer.value, wanted) : answer;
}

async function ask({ host, verbs = '' }: PowerFeed, verb: string, context: PowerContext): Promise<Answer<string>> {
  const silent = failure('power-unknown', `its card ${host} does not answer`);
  try {
    const answer = await within(LIMIT_MS, context, async (signal) => {
      const response = await context.fetch(`http://${host}/${verbs}${verb}`, { signal, redirect: 'error' });
      const text = (await response.text()).slice(0, LIMIT_CHARACTERS);
      if (response.ok) return { ok: true, value: text } as const;
      return failure('power-unknown', `its card ${host} answers with status ${response.status}`);
    });
    return answer ?? failure('power-unknown', `its card ${host}: no answer in ${LIMIT_MS / 1000} s`);
  } catch {
    context.signal.throwIfAborted();
    return silent;
  }
}

function isHtml(text: string): boolean {
  return /^\s*<(!doctype|html)/i.test(text);
}

function shown(text: string): string {
  const line = text.trim().split('\n').at(0) ?? '';
  const printable = line.replace(/[\p{Cc}\p{Cf}]/gu, '');
  return JSON.stringify(printable.length > 40 ? `${printable.slice(0, 40)}…` : printable);
}
