import type { Differ } from './contract.ts';
import { digest } from './digest.ts';
import { json } from './json.ts';
import { text } from './text.ts';

/** The differs, in the order in which they are asked; the last one fits always. */
export const differs: readonly Differ[] = [json, text, digest];
