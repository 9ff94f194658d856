const SIZES = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A size for people: `640 B`, `1.3 GB`. */
export function sizeText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < SIZES.length - 1) [value, unit] = [value / 1000, unit + 1];
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)} ${SIZES[unit] ?? ''}`;
}

/** How long ago a time was, for people: `just now`, `2 hours ago`. Both are ms since the epoch. */
export function ageText(time: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - time) / 1000));
  const steps: readonly (readonly [string, number])[] = [
    ['year', 31_536_000],
    ['month', 2_592_000],
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ];
  for (const [unit, length] of steps) {
    const count = Math.floor(seconds / length);
    if (count >= 1) return `${countText(count, unit)} ago`;
  }
  return 'just now';
}

/** A number of things: `1 step`, `3 steps`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A span of time for people, from ms: `350 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function spanText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const parts: readonly (readonly [string, number, number])[] = [
    ['d', Math.floor(seconds / 86_400), 86_400],
    ['h', Math.floor(seconds / 3600) % 24, 3600],
    ['min', Math.floor(seconds / 60) % 60, 60],
    ['s', seconds % 60, 1],
  ];
  const first = parts.findIndex(([, count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .flatMap(([unit, count]) => (count > 0 ? [`${count} ${unit}`] : []))
    .join(' ');
}
