import type { Emit, EngineEvent } from '../../model/event.ts';
import type { Terminal } from '../terminal.ts';
import { eventText } from './event-text.ts';
import { advanceProgress, NO_PROGRESS, progressLine } from './progress.ts';
import { printable } from './table.ts';

/** Turns what the engine says while it works into lines on stderr. */
export interface Reporter extends Disposable {
  readonly emit: Emit;
  /** Writes a line on stderr, around a progress line that may stand there. */
  readonly say: (text: string) => void;
  /** Takes the progress line away, since something else will be written; the next event may bring it back. */
  readonly hide: () => void;
}

/** How much is said, and how. */
export interface ReporterOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** How often a line on a terminal is drawn anew, and how often a log hears that work goes on, in ms. */
const REDRAW_MS = 100;
const HEARTBEAT_MS = 30_000;
const CLEAR_LINE = '\r\u001B[K';

/**
 * Makes the reporter of one command.
 *
 * On a terminal one line with bar, rate and time left is drawn over and over; elsewhere there is a line for each change
 * and a heartbeat. With `--json` events are shown with `--verbose` only, as JSON, one a line; with `--quiet` never.
 */
export function createReporter(
  terminal: Pick<Terminal, 'error' | 'every' | 'now' | 'variables'>,
  options: ReporterOptions,
): Reporter {
  const { error, now } = terminal;
  const isLive = error.isTerminal && terminal.variables['TERM'] !== 'dumb' && !options.json && !options.quiet;
  let state = NO_PROGRESS;
  let isShown = false;
  let isStale = false;
  const write = (text: string) => {
    void error.write(text);
  };
  const hide = () => {
    if (isShown) write(CLEAR_LINE);
    isShown = false;
  };
  const say = (text: string) => {
    hide();
    write(`${text}\n`);
  };
  const draw = () => {
    if (!isStale) return;
    isStale = false;
    const line = progressLine(state, now(), error.columns());
    if (line === '') hide();
    else write(`${CLEAR_LINE}${printable(line)}`);
    isShown = line !== '';
  };
  const beat = () => {
    const line = progressLine(state, now(), Infinity);
    if (line !== '') say(`still at work: ${printable(line)}`);
  };
  const emit = (event: EngineEvent) => {
    if (options.quiet) return;
    if (options.json) {
      if (options.verbose) say(JSON.stringify(event));
      return;
    }
    const isFirst = state === NO_PROGRESS;
    state = advanceProgress(state, event, now());
    isStale = isLive;
    const text = eventText(event);
    if (text !== undefined) say(printable(text));
    if (isLive && (isFirst || text !== undefined)) draw();
  };
  const timer =
    options.json || options.quiet ? undefined : terminal.every(isLive ? REDRAW_MS : HEARTBEAT_MS, isLive ? draw : beat);
  return {
    ...{ emit, say, hide },
    [Symbol.dispose]: () => {
      timer?.[Symbol.dispose]();
      hide();
    },
  };
}
