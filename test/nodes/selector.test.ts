import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NodeId } from '../../src/model/id.ts';
import type { Inventory, InventoryNode } from '../../src/model/inventory.ts';
import { liveNeeds, NO_FACTS, selectNodes, type LiveFacts } from '../../src/nodes/selector.ts';

const NUMBERS = [1, 2, 3, 4, 5, 6, 9, 15, 16, 17, 18];

const inventory: Inventory = {
  testbed: 'test',
  origin: 'inventory.yaml',
  nodes: [...NUMBERS.map((number) => node(`fit${String(number).padStart(2, '0')}`, number)), node('1-2', 40)],
  groups: new Map([
    ['usrp', '2,4'],
    ['most', '1-9 ~@usrp'],
    ['loop', '@loop'],
  ]),
};
const options = { prefixes: ['fit', 'reboot'] };
const facts: LiveFacts = {
  on: new Set(['fit01', 'fit02', 'fit03']),
  off: new Set(['fit04']),
  images: new Map([
    ['fit01', ['ubuntu-22.04', 'sha256:ab12cd34']],
    ['fit02', ['fedora-36', 'sha256:ffff0000']],
  ]),
  failed: new Set(['fit09']),
};

function node(name: string, number: number): InventoryNode {
  return {
    ...{ name: name as NodeId, number, control: { host: name }, power: [], outlets: {} },
    ...{ ssh: { driver: 'ssh', user: 'root', port: 22 }, agent: 'restage', boot: [], disk: '/dev/sda', arch: 'x86_64' },
  };
}

function select(selector: string): number[] {
  return selectNodes(selector, inventory, options, facts).nodes.map(({ number }) => number);
}

describe('selectNodes', () => {
  test.each([
    { selector: '1 4,5', nodes: [1, 4, 5], why: 'single numbers, blanks or commas between' },
    { selector: '5,4 1', nodes: [1, 4, 5], why: 'the order of the words does not matter for the result' },
    { selector: '1-12 fit15-reboot18 ~4-6', nodes: [1, 2, 3, 9, 15, 16, 17, 18], why: 'the example of the design' },
    { selector: '1-4 5-17-2 ~9', nodes: [1, 2, 3, 4, 5, 15, 17], why: 'steps count from the first number' },
    { selector: 'fit4-reboot6', nodes: [4, 5, 6], why: 'each number has its own prefix' },
    { selector: 'fit03', nodes: [3], why: 'the exact name' },
    { selector: 'fit3', nodes: [3], why: 'a prefix is deleted' },
    { selector: 'reboot003', nodes: [3], why: 'leading zeros mean nothing' },
    { selector: '1-2', nodes: [40], why: 'an exact name goes first, even one that looks like a range' },
    { selector: '~4 4', nodes: [4], why: 'the later item wins' },
    { selector: '4 ~4', nodes: [], why: 'taken away again' },
    { selector: '~99', nodes: [], why: 'taking away what is not there is fine' },
    { selector: '7-8', nodes: [], why: 'a range may fall into a hole' },
    { selector: '5-2', nodes: [], why: 'a range that runs backwards is empty' },
    { selector: '1-999999999 ~40', nodes: [...NUMBERS], why: 'a huge range costs nothing' },
    { selector: '', nodes: [], why: 'nothing asked, nothing selected' },
    { selector: '@usrp', nodes: [2, 4], why: 'a group' },
    { selector: '@most', nodes: [1, 3, 5, 6, 9], why: 'a group may take away another' },
    { selector: '1-4 ~@usrp', nodes: [1, 3], why: 'a group may be taken away' },
    { selector: '@on', nodes: [1, 2, 3], why: 'what is on' },
    { selector: '@off', nodes: [4], why: 'what is off; unknown is neither' },
    { selector: '1-6 ~@on', nodes: [4, 5, 6], why: 'live facts may be taken away' },
    { selector: '@failed', nodes: [9], why: 'what failed last' },
    { selector: '@image=fedora-36', nodes: [2], why: 'by the name of an image' },
    { selector: '@image=ab12', nodes: [1], why: 'by the first digits of its id' },
    { selector: '@image=sha256:ffff', nodes: [2], why: 'by the beginning of its id' },
  ])('$selector: $why', ({ selector, nodes }) => {
    expect(select(selector)).toEqual(nodes);
  });

  test.each([
    { selector: 'fedora-21', code: 'selector/unknown-node', why: 'an image, and its -i was forgotten' },
    { selector: '1-9-0', code: 'selector/syntax', why: 'step 0' },
    { selector: '1-2-3-4', code: 'selector/syntax', why: 'too many numbers' },
    { selector: '1-', code: 'selector/syntax', why: 'an end is missing' },
    { selector: '-3', code: 'selector/syntax', why: 'a beginning is missing' },
    { selector: '1.5', code: 'selector/syntax', why: 'no whole number' },
    { selector: '~', code: 'selector/syntax', why: 'nothing to take away' },
    { selector: '7', code: 'selector/unknown-node', why: 'a hole, named alone' },
    { selector: 'fit7', code: 'selector/unknown-node', why: 'the same with a prefix' },
    { selector: 'ubuntu3', code: 'selector/unknown-node', why: 'no prefix of this testbed' },
    { selector: '@nobody', code: 'selector/unknown-node', why: 'no such group' },
    { selector: '@loop', code: 'selector/unknown-node', why: 'a group that names itself' },
  ])('$selector is refused with $code: $why', ({ selector, code }) => {
    expect(() => select(selector)).toThrow(expect.objectContaining({ code }));
  });

  test('a forgotten -i is asked for', () => {
    expect(() => select('fit1 fedora-21')).toThrow('no node "fedora-21"; did you mean -i fedora-21?');
  });

  test('"all" is no image that was forgotten', () => {
    expect(() => select('all')).toThrow(expect.objectContaining({ hint: 'Say -a for all nodes' }));
  });

  test('a range that runs backwards is warned about', () => {
    expect(selectNodes('5-2', inventory, options).warnings).toEqual(['5-2 runs backwards and selects nothing']);
  });

  test('only what a selector asks for has to be known', () => {
    expect([...liveNeeds('1-4 ~@on @image=x', inventory)].sort()).toEqual(['image', 'power']);
    expect([...liveNeeds('@most 3', inventory)]).toEqual([]);
  });

  test('any sequence of items selects what a set that is walked item by item holds', () => {
    const number = fc.integer({ min: 0, max: 20 });
    const prefix = fc.constantFrom('', 'fit', 'reboot');
    const item = fc.record({
      removes: fc.boolean(),
      first: number,
      last: number,
      step: fc.integer({ min: 1, max: 4 }),
      prefixes: fc.tuple(prefix, prefix),
      comma: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(item, { size: 'max', maxLength: 12 }), (items) => {
        const model = new Set<number>();
        let text = '';
        for (const { removes, first, last, step, prefixes, comma } of items) {
          text += `${comma ? ',' : ' '}${removes ? '~' : ''}${prefixes[0]}${first}-${prefixes[1]}${last}-${step}`;
          for (let at = first; at <= last; at += step) {
            if (removes) model.delete(at);
            else if (NUMBERS.includes(at)) model.add(at);
          }
        }
        const chosen = selectNodes(text, inventory, options, NO_FACTS).nodes.map(({ number: found }) => found);
        expect(chosen).toEqual([...model].sort((a, b) => a - b));
      }),
    );
  });
});
