import { answerCard } from '../../../src/nodes/lab/card.ts';
import { listenOnLoopback } from '../../../src/platform/http-server.ts';
import type { PowerState } from '../../../src/model/node.ts';
import { testContext } from '../../rig/context.ts';
import type { DeviceFault, PowerRig } from '../power/contract.ts';

/** A real HTTP server that speaks as a CMC card does, with a device that is nothing but its power. */
export async function startCard(): Promise<PowerRig> {
  let [power, usrp]: PowerState[] = ['on', 'off'];
  let fault: DeviceFault | undefined;
  const context = testContext();
  const device = {
    power: () => power ?? 'off',
    setPower: async (want: PowerState) => {
      power = want;
    },
    reset: async () => {
      power = 'on';
    },
    outlet: () => usrp ?? 'off',
    setOutlet: async (_: string, want: PowerState) => {
      usrp = want;
    },
    info: () => 'firmware 1\nserial 2',
  };
  const server = await listenOnLoopback(0, async (request) => {
    if (fault === 'nonsense') return { status: 200, body: 'onoff' };
    return answerCard(request, device, fault, context.clock.sleep);
  });
  return {
    context,
    feed: { driver: 'cmc', host: `127.0.0.1:${server.port}` },
    state: () => power ?? 'off',
    break: (now) => {
      fault = now;
    },
    abort: () => {
      context.abort(new Error('stop'));
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}
