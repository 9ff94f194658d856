import { styleText } from 'node:util';
import type { Output, Terminal } from '../terminal.ts';

/** How a text may stand out. */
export type Style = 'failure' | 'quiet';

/** Gives a text its style, or gives it back as it is. */
export type Paint = (style: Style, text: string) => string;

const FORMATS = { failure: ['bold', 'red'], quiet: ['dim'] } as const satisfies Record<Style, readonly string[]>;

/**
 * Says whether an output gets colours: `--no-color` is last, `FORCE_COLOR` wins over `NO_COLOR`, and without either a
 * terminal that is not dumb has them.
 */
export function hasColor(output: Output, variables: Terminal['variables'], flag: boolean): boolean {
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: term } = variables;
  if (!flag) return false;
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (none !== undefined && none !== '') return false;
  return output.isTerminal && term !== 'dumb';
}

/** The painter of an output. */
export function createPaint(isColored: boolean): Paint {
  return (style, text) => (isColored ? styleText([...FORMATS[style]], text, { validateStream: false }) : text);
}
