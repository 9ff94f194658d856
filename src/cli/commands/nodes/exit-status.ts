import { EXIT } from '../../../errors.ts';
import type { NodeResult } from '../../../model/node.ts';

/** 0 exactly when every node is fine; 3 when each of them is held by another run; else 1. */
export function exitStatusOfResults(results: readonly NodeResult[]): number {
  if (results.every(({ ok }) => ok)) return EXIT.done;
  return results.every(({ code }) => code === 'lock-held') ? EXIT.refused : EXIT.someFailed;
}
