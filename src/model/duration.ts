const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** Reads `90s`, `1h30m`, `10 days`, `1.5h`; a number alone is seconds. Answers ms; `undefined` for what is none. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed) * 1000;
  if (!/^(\d+(\.\d+)?\s*[a-z]+\s*)+$/.test(trimmed)) return undefined;
  let sum = 0;
  for (const [, count, unit = ''] of trimmed.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)) {
    const size = UNITS[shortUnit(unit)];
    if (size === undefined) return undefined;
    sum += Number(count) * size;
  }
  return sum;
}

function shortUnit(unit: string): string {
  if (/^(ms|millis|milliseconds?)$/.test(unit)) return 'ms';
  return /^(sec|secs|seconds?|min|mins|minutes?|hours?|days?|weeks?)$/.test(unit) ? unit.charAt(0) : unit;
}
