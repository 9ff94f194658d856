/** Positions of one equal line, on both sides. */
export type LinePair = readonly [from: number, to: number];

/** Edits that are looked for at most; texts that differ more are told apart by their ends only. */
const MOST_EDITS = 1000;

/**
 * Finds lines that two texts have in common, in order: as many as there are (Myers, 1986), unless the texts differ in
 * more than some thousand lines.
 */
export function matchLines(from: readonly string[], to: readonly string[]): readonly LinePair[] {
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) start += 1;
  let [endFrom, endTo] = [from.length, to.length];
  while (endFrom > start && endTo > start && from[endFrom - 1] === to[endTo - 1])
    [endFrom, endTo] = [endFrom - 1, endTo - 1];
  const head = Array.from({ length: start }, (_, index): LinePair => [index, index]);
  const tail = Array.from({ length: from.length - endFrom }, (_, index): LinePair => [endFrom + index, endTo + index]);
  const middle = shortestEdit(from.slice(start, endFrom), to.slice(start, endTo));
  return [...head, ...middle.map(([a, b]): LinePair => [a + start, b + start]), ...tail];
}

function shortestEdit(from: readonly string[], to: readonly string[]): readonly LinePair[] {
  const most = Math.min(from.length + to.length, MOST_EDITS);
  // On diagonal k = x - y: how far down `from` one gets. Kept for each number of edits, to find the way back.
  let furthest = new Map<number, number>([[1, 0]]);
  const steps: Map<number, number>[] = [];
  for (let edits = 0; edits <= most; edits++) {
    steps.push(new Map(furthest));
    for (let k = -edits; k <= edits; k += 2) {
      const down = k === -edits || (k !== edits && (furthest.get(k - 1) ?? -1) < (furthest.get(k + 1) ?? -1));
      let x = down ? (furthest.get(k + 1) ?? 0) : (furthest.get(k - 1) ?? 0) + 1;
      while (x < from.length && x - k < to.length && from[x] === to[x - k]) x += 1;
      furthest.set(k, x);
      if (x >= from.length && x - k >= to.length) return wayBack(steps, edits, from.length, to.length);
    }
    furthest = new Map([...furthest].filter(([k]) => Math.abs(k) <= edits + 1));
  }
  return [];
}

function wayBack(
  steps: readonly ReadonlyMap<number, number>[],
  edits: number,
  x: number,
  y: number,
): readonly LinePair[] {
  const pairs: LinePair[] = [];
  for (let step = edits; step >= 0; step--) {
    const furthest = steps[step];
    const k = x - y;
    const down = k === -step || (k !== step && (furthest?.get(k - 1) ?? -1) < (furthest?.get(k + 1) ?? -1));
    const fromX = furthest?.get(down ? k + 1 : k - 1) ?? 0;
    const fromY = fromX - (down ? k + 1 : k - 1);
    while (x > Math.max(fromX, 0) && y > Math.max(fromY, 0)) {
      [x, y] = [x - 1, y - 1];
      pairs.push([x, y]);
    }
    [x, y] = [fromX, fromY];
  }
  return pairs.reverse();
}
