import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  EMPTY_TREE,
  entriesOf,
  FILE_MODE,
  findEntry,
  parseTree,
  type Tree,
  TREE_MODE,
  treeId,
  treeParts,
  withEntry,
  withoutEntry,
} from '../../../src/store/git/tree.ts';
import { idOfEdited } from '../../../src/store/git/tree-hash.ts';
import { hasTool } from '../../rig/has-tool.ts';
import { temporaryDirectory } from '../../rig/temporary-directory.ts';

const ID = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';
const EMPTY_TREE_ID = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

const name = fc.stringMatching(/^[ a-zé.0-9-]{1,12}$/).filter((text) => text !== '.' && text !== '..');

describe('a tree', () => {
  test('holds what was put into it, whatever the order, and is the same for the same entries', () => {
    const step = fc.record({ name, mode: fc.constantFrom(TREE_MODE, FILE_MODE), isThere: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { size: 'max', maxLength: 400 }), (steps) => {
        let tree: Tree = EMPTY_TREE;
        const model = new Map<string, string>();
        for (const { name: text, mode, isThere } of steps) {
          tree = withoutEntry(tree, text);
          model.delete(text);
          if (!isThere) continue;
          tree = withEntry(tree, { mode, name: text, id: ID });
          model.set(text, mode);
        }
        expect(new Map([...entriesOf(tree)].map((entry) => [entry.name, entry.mode]))).toEqual(model);
        for (const [text, mode] of model) expect(findEntry(tree, text)).toEqual({ mode, name: text, id: ID });
        const again = parseTree(Buffer.concat(treeParts(tree)));
        expect(treeId(again)).toBe(treeId(tree));
        expect([...entriesOf(again)]).toEqual([...entriesOf(tree)]);
      }),
      { numRuns: 40 },
    );
  });

  test.skipIf(!hasTool('git'))('has the id that git gives it: files and trees are sorted differently', () => {
    using scratch = temporaryDirectory();
    execFileSync('git', ['init', '--quiet', '--bare', scratch.path]);
    const entries = ['a', 'a.b', 'a-b', 'a0', 'é', 'z'].map((text, at) => ({ name: text, isTree: at % 2 === 0 }));
    const lines = entries.map(
      ({ name: text, isTree }) => `${isTree ? `040000 tree ${EMPTY_TREE_ID}` : `100644 blob ${ID}`}\t${text}\0`,
    );
    const input = { input: lines.join(''), cwd: scratch.path, encoding: 'utf8' } as const;
    const expected = execFileSync('git', ['mktree', '-z', '--missing'], input).trim();
    let tree: Tree = EMPTY_TREE;
    for (const { name: text, isTree } of entries.toReversed()) {
      tree = withEntry(tree, { name: text, mode: isTree ? TREE_MODE : FILE_MODE, id: isTree ? EMPTY_TREE_ID : ID });
    }
    expect(treeId(tree)).toBe(expected);
    expect(treeId(EMPTY_TREE)).toBe(EMPTY_TREE_ID);
  });

  test('shares its pieces with the tree that it was made from', () => {
    let tree: Tree = EMPTY_TREE;
    for (let n = 0; n < 2000; n++) tree = withEntry(tree, { mode: TREE_MODE, name: `s${n}`, id: ID });
    const changed = withEntry(tree, { mode: TREE_MODE, name: 's777', id: EMPTY_TREE_ID });
    const shared = treeParts(changed).filter((part) => treeParts(tree).includes(part));
    expect(treeParts(tree).length).toBeGreaterThan(10);
    expect(shared).toHaveLength(treeParts(tree).length - 1);
    expect(findEntry(tree, 's777')?.id).toBe(ID);
  });

  test('that was made from another has the id that it has by itself', () => {
    let tree: Tree = EMPTY_TREE;
    for (let n = 0; n < 3000; n++) tree = withEntry(tree, { mode: TREE_MODE, name: `s${n}`, id: ID });
    expect(idOfEdited(tree, EMPTY_TREE)).toBe(treeId(tree));
    for (const [at, text] of ['s2999', 's0', 's1500', 's1501', 'new', 's9', 's1500'].entries()) {
      const id = (at % 2 === 0 ? EMPTY_TREE_ID : ID).replace(/^../, `0${at}`);
      const next = withEntry(tree, { mode: TREE_MODE, name: text, id });
      expect(idOfEdited(next, tree), text).toBe(treeId(next));
      tree = next;
    }
  });

  test('that is torn is damaged', () => {
    let tree: Tree = EMPTY_TREE;
    for (let n = 0; n < 3; n++) tree = withEntry(tree, { mode: FILE_MODE, name: `s${n}`, id: ID });
    const raw = Buffer.concat(treeParts(tree));
    expect(() => parseTree(raw.subarray(0, -5))).toThrow(expect.objectContaining({ code: 'store/damaged' }));
    expect(() => parseTree(Buffer.from('nonsense'))).toThrow(expect.objectContaining({ code: 'store/damaged' }));
  });
});
