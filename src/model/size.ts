const FACTORS: Readonly<Record<string, number>> = { '': 1, 'k': 1024, 'm': 1024 ** 2, 'g': 1024 ** 3, 't': 1024 ** 4 };

/** Reads `64M`, `32K`, `1.5 GiB`, `4096` as bytes, in powers of 1,024; `undefined` for what is none. */
export function parseByteSize(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim()) ?? [];
  const factor = FACTORS[unit.toLowerCase()];
  return count === undefined || factor === undefined ? undefined : Math.round(Number(count) * factor);
}
