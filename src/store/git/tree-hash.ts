import { createHash } from 'node:crypto';
import { type ObjectId, objectId } from './object.ts';
import { type Tree, treeParts } from './tree.ts';

/** Pieces between two states that are kept. */
const STEP = 8;
/** Trees with fewer pieces are hashed as they are. */
const WORTH = 2 * STEP;

type Hash = ReturnType<typeof createHash>;

/** The sha1 of a tree on its way: before piece 0, 8, 16, … */
interface Steps {
  readonly size: number;
  readonly states: readonly Hash[];
}

const stepsByTree = new WeakMap<Tree, Steps>();

/**
 * The id of a tree. That of a big one goes on from where it first differs from the tree that it was made from: sha1 is
 * what a change in a directory of ten thousand costs.
 */
export function idOfEdited(tree: Tree, before: Tree): ObjectId {
  const parts = treeParts(tree);
  if (parts.length < WORTH) return objectId('tree', ...parts);
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const known = stepsByTree.get(before);
  const from = known?.size === size ? Math.floor(firstDifference(tree, before) / STEP) : 0;
  const states = known && from > 0 ? known.states.slice(0, from + 1) : [createHash('sha1').update(`tree ${size}\0`)];
  const start = states.at(-1);
  if (!start) return objectId('tree', ...parts);
  const sha = start.copy();
  for (let at = (states.length - 1) * STEP; at < parts.length; at++) {
    if (at % STEP === 0 && at / STEP >= states.length) states.push(sha.copy());
    sha.update(parts[at] ?? '');
  }
  stepsByTree.set(tree, { size, states });
  return sha.digest('hex');
}

function firstDifference(a: Tree, b: Tree): number {
  let at = 0;
  while (at < a.pieces.length && a.pieces[at] === b.pieces[at]) at++;
  return at;
}
