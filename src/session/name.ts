import { createHash } from 'node:crypto';
import { WORDS } from './words.ts';

/** How many words a name may grow to before a number takes over: each has 10 of the 256 bits of the digest. */
const MOST_WORDS = 25;

/**
 * The name of a unit: two words from the SHA-256 of its canonical URI, first word from bits 0 to 9, second from bits 10 to
 * 19. A name that another unit has gets a further first word, from the next 10 bits, in front.
 *
 * @param canonical - the canonical URI
 * @param isTaken - whether another URI has the name already
 */
export function unitName(canonical: string, isTaken: (name: string) => boolean): string {
  const digest = BigInt(`0x${createHash('sha256').update(canonical).digest('hex')}`);
  const bits = (index: number) => Number((digest >> BigInt(256 - 10 * (index + 1))) & 1023n);
  let name = `${wordAt(WORDS.first, bits(0))}-${wordAt(WORDS.second, bits(1))}`;
  for (let index = 2; isTaken(name) && index < MOST_WORDS; index++)
    name = `${wordAt(WORDS.first, bits(index))}-${name}`;
  return name;
}

function wordAt(words: readonly string[], index: number): string {
  const word = words[index];
  if (word === undefined) throw new RangeError(`there is no word ${index}`);
  return word;
}
