import type { EngineEvent } from '../../src/model/event.ts';
import type { Context } from '../../src/platform/context.ts';
import { createLocalContext } from '../../src/platform/local-context.ts';

/** The real effects of this machine, with the events kept for the test to look at. */
export interface TestContext extends Context {
  readonly events: EngineEvent[];
  readonly abort: (reason?: unknown) => void;
}

/** Makes one; `overrides` replaces single effects, such as the clock. */
export function testContext(overrides: Partial<Context> = {}): TestContext {
  const controller = new AbortController();
  const events: EngineEvent[] = [];
  const context = createLocalContext(controller.signal, (event) => events.push(event));
  return {
    ...context,
    ...overrides,
    events,
    abort: (reason) => {
      controller.abort(reason);
    },
  };
}
