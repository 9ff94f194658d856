import { randomBytes, randomUUID } from 'node:crypto';

/** Chance. A test hands in one that repeats. */
export interface Random {
  /** `count` random bytes as hex, two digits each. */
  readonly hex: (count: number) => string;
  readonly uuid: () => string;
}

/** The kernel's. */
export const systemRandom: Random = {
  hex: (count) => randomBytes(count).toString('hex'),
  uuid: () => randomUUID(),
};
