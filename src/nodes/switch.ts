import { RestageError } from '../errors.ts';
import type { InventoryNode, PowerFeed } from '../model/inventory.ts';
import type { PowerState } from '../model/node.ts';
import { DONE, failure, type Answer, type Failure } from './answer.ts';
import type { PowerContext, PowerDriver } from './power/contract.ts';
import { within } from './within.ts';

/** How long a device has to be seen as it was asked to be. */
const CONFIRM_MS = 5000;
/** First pause between two looks; doubled up to the last. */
const PAUSES_MS = { first: 25, last: 800 } as const;

/** The power drivers, and what they may touch. */
export interface SwitchContext extends PowerContext {
  readonly powerDrivers: readonly PowerDriver[];
}

/** Whether a node is on: on if any of its feeds is, off if all are, else unknown. Asks twice before it gives up. */
export async function readPower(node: InventoryNode, context: SwitchContext): Promise<Answer<PowerState>> {
  return readFeeds(node.power, context);
}

/** Whether an outlet of a node is on. */
export async function readOutlet(
  node: InventoryNode,
  outlet: string,
  context: SwitchContext,
): Promise<Answer<PowerState>> {
  const feed = node.outlets[outlet];
  return feed ? readFeeds([feed], context) : failure('power-unknown', `it has no outlet ${outlet}`);
}

/** Switches a node, and answers once its card has said so. Nothing is sent to what is already so. */
export async function switchPower(
  node: InventoryNode,
  want: PowerState,
  context: SwitchContext,
): Promise<Answer<{ readonly changed: boolean }>> {
  return switchFeeds(node.power, want, context);
}

/** Switches an outlet of a node, likewise. */
export async function switchOutlet(
  node: InventoryNode,
  outlet: string,
  want: PowerState,
  context: SwitchContext,
): Promise<Answer<{ readonly changed: boolean }>> {
  const feed = node.outlets[outlet];
  return feed ? switchFeeds([feed], want, context) : failure('power-unknown', `it has no outlet ${outlet}`);
}

/** Starts a node again, and answers once its card says that it is on. */
export async function resetPower(node: InventoryNode, context: SwitchContext): Promise<Answer> {
  const before = await readPower(node, context);
  if (!before.ok) return before;
  const [feed, ...others] = node.power;
  const driver = feed && driverOf(feed, context);
  if (feed && driver?.supports.reset === true && others.length === 0) {
    const answer = await driver.reset(feed, context);
    if (!answer.ok) return answer;
  } else {
    const off = await switchPower(node, 'off', context);
    if (!off.ok) return off;
    const on = await switchPower(node, 'on', context);
    if (!on.ok) return on;
  }
  return confirm(node.power, 'on', context);
}

/** What the first device of a node says about itself. */
export async function readInfo(node: InventoryNode, context: SwitchContext): Promise<Answer<string>> {
  const feed = node.power.find((candidate) => driverOf(candidate, context).supports.info === true);
  return feed
    ? driverOf(feed, context).info(feed, context)
    : failure('power-unknown', 'no card of it gives information');
}

async function readFeeds(feeds: readonly PowerFeed[], context: SwitchContext): Promise<Answer<PowerState>> {
  if (feeds.length === 0) return failure('power-unknown', 'it has no power card in the inventory');
  const answers = await Promise.all(feeds.map((feed) => readFeed(feed, context)));
  if (answers.some((answer) => answer.ok && answer.value === 'on')) return { ok: true, value: 'on' };
  return answers.find((answer): answer is Failure => !answer.ok) ?? { ok: true, value: 'off' };
}

async function readFeed(feed: PowerFeed, context: SwitchContext): Promise<Answer<PowerState>> {
  const driver = driverOf(feed, context);
  const first = await driver.status(feed, context);
  if (first.ok) return first;
  await context.clock.sleep(PAUSES_MS.first * 4, context.signal);
  const second = await driver.status(feed, context);
  // The first failure is kept: later ones are often its consequence.
  return second.ok ? second : first;
}

async function switchFeeds(
  feeds: readonly PowerFeed[],
  want: PowerState,
  context: SwitchContext,
): Promise<Answer<{ readonly changed: boolean }>> {
  const before = await readFeeds(feeds, context);
  if (!before.ok) return before;
  if (before.value === want) return { ok: true, value: { changed: false } };
  for (const feed of feeds) {
    const answer = await driverOf(feed, context)[want](feed, context);
    if (!answer.ok) return answer;
  }
  const after = await confirm(feeds, want, context);
  return after.ok ? { ok: true, value: { changed: true } } : after;
}

/** Looks until the devices are as they should be: what a device has accepted it need not have done. */
async function confirm(feeds: readonly PowerFeed[], want: PowerState, context: SwitchContext): Promise<Answer> {
  const said: { last: Answer<PowerState> } = {
    last: failure('power-unknown', 'its card was not asked again in time'),
  };
  const seen = await within(CONFIRM_MS, context, async (signal) => {
    for (let pause: number = PAUSES_MS.first; ; pause = Math.min(pause * 2, PAUSES_MS.last)) {
      said.last = await readFeeds(feeds, { ...context, signal });
      if (said.last.ok && said.last.value === want) return DONE;
      await context.clock.sleep(pause, signal);
    }
  });
  if (seen) return seen;
  const { last } = said;
  return last.ok ? failure('power-failed', `its card accepts ${want} and still says ${last.value}`) : last;
}

function driverOf(feed: PowerFeed, { powerDrivers }: SwitchContext): PowerDriver {
  const driver = powerDrivers.find(({ id }) => id === feed.driver);
  if (driver) return driver;
  throw new RestageError('node/no-driver', `there is no power driver ${feed.driver}`, {
    details: { driver: feed.driver, known: powerDrivers.map(({ id }) => id) },
  });
}
