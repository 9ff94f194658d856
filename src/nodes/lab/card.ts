import type { PowerState } from '../../model/node.ts';
import type { HttpAnswer, HttpRequest } from '../../platform/http-server.ts';
import type { Fault } from './faults.ts';

/** What a card can switch. */
export interface CardDevice {
  readonly power: () => PowerState;
  readonly setPower: (want: PowerState) => Promise<void>;
  readonly reset: () => Promise<void>;
  readonly outlet: (name: string) => PowerState;
  readonly setOutlet: (name: string, want: PowerState) => Promise<void>;
  readonly info: () => string;
}

const PAGE = '<!DOCTYPE html><html><body><h1>It works</h1></body></html>';

/**
 * Answers as a CMC card does: `GET /VERB`, a bare word with a line end; verbs of an outlet begin with its name.
 *
 * @param fault - what is wrong with the card; see `Fault`
 */
export async function answerCard(
  { method, path }: Pick<HttpRequest, 'method' | 'path'>,
  device: CardDevice,
  fault: Fault['card'],
  sleep: (ms: number) => Promise<void>,
): Promise<HttpAnswer> {
  if (fault === 'dead') return 'drop';
  if (fault === 'hang') return 'hang';
  if (fault === 'html') return { status: 200, body: PAGE };
  if (fault === 'error') return { status: 500, body: 'error' };
  if (fault === 'slow') await sleep(1000);
  const body = method === 'GET' ? await perform(path.slice(1), device, fault) : undefined;
  return body === undefined ? { status: 404, body: 'no such verb\n' } : { status: 200, body: `${body}\n` };
}

async function perform(text: string, device: CardDevice, fault: Fault['card']): Promise<string | undefined> {
  if (text === 'reset') {
    if (fault !== 'stuck') await device.reset();
    return 'ok';
  }
  if (text === 'info') return device.info();
  const [, outlet = '', verb] = /^([a-z]*?)(status|on|off)$/.exec(text) ?? [];
  if (verb === undefined) return undefined;
  const present = outlet === '' ? device.power() : device.outlet(outlet);
  if (verb === 'status') return fault === 'lie' ? opposite(present) : present;
  const want = verb === 'on' ? 'on' : 'off';
  if (present === want) return `already ${want}`;
  if (fault === 'stuck') return 'ok';
  if (outlet === '') await device.setPower(want);
  else await device.setOutlet(outlet, want);
  return 'ok';
}

function opposite(state: PowerState): PowerState {
  return state === 'on' ? 'off' : 'on';
}
