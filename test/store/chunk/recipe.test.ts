import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Digest } from '../../../src/model/id.ts';
import { formatRecipe, parseRecipe } from '../../../src/store/chunk/recipe.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}` as Digest;
const NAME = 'cd'.repeat(32);
const HEAD = `restage-recipe/1\nchunker cdc-64k\nsize 7\ndigest ${DIGEST}\n`;

describe('parseRecipe', () => {
  test('reads what formatRecipe writes', () => {
    const hex = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
    const size = fc.integer({ min: 1, max: 4_194_304 });
    const piece = fc.oneof(fc.record({ name: hex, size }), fc.record({ size }));
    fc.assert(
      fc.property(fc.array(piece), fc.constantFrom('cdc-64k', 'cdc-1m', 'fixed-1m'), (pieces, chunker) => {
        const recipe = { chunker, size: pieces.reduce((sum, one) => sum + one.size, 0), digest: DIGEST, pieces };
        expect(parseRecipe(formatRecipe(recipe))).toEqual(recipe);
      }),
    );
  });

  test.each([
    { recipe: '', why: 'empty' },
    { recipe: HEAD.replace('/1', '/2') + `${NAME} 7\n`, why: 'another format' },
    { recipe: HEAD.replace('cdc-64k', 'rabin') + `${NAME} 7\n`, why: 'unknown chunker' },
    { recipe: HEAD + `${NAME} 6\n`, why: 'pieces that do not add up' },
    { recipe: HEAD + `${NAME} 7`, why: 'the last line is torn' },
    { recipe: HEAD + `${NAME.slice(1)} 7\n`, why: 'a short name' },
    { recipe: HEAD + `${NAME} 0\n${NAME} 7\n`, why: 'a piece of no bytes' },
    { recipe: HEAD + `${NAME} 7\n\n`, why: 'an empty line' },
  ])('refuses a recipe: $why', ({ recipe }) => {
    expect(parseRecipe(recipe)).toBeUndefined();
  });

  test('the bytes of a recipe are part of the format', () => {
    const pieces = [{ name: NAME, size: 5 }, { size: 2 }];
    expect(formatRecipe({ chunker: 'cdc-64k', size: 7, digest: DIGEST, pieces })).toBe(HEAD + `${NAME} 5\nhole 2\n`);
  });
});
