import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readStreams } from '../../src/data/streams.ts';
import { KNOWN_STAGES } from '../../src/model/stream.ts';
import { configurationOf } from '../rig/data.ts';

const DECLARED = `
[stream qplan]
stages = raw conditioned results
path = {stage}/{name}.txt
type = text/plain
alias = plan, q
[stream lab/notes]
type = text/plain
[stream sensor/*]
stages = raw clean
inline = 4k
chunker = cdc-256k
`;

function streams(conf: string) {
  return readStreams(configurationOf(conf));
}

describe('a name', () => {
  test.each([
    { conf: '', typed: 'raw qplan', name: 'qplan/raw', path: 'streams/qplan/raw', why: 'a stage in front' },
    { conf: '', typed: 'qplan raw', name: 'qplan/raw', path: 'streams/qplan/raw', why: 'a stage at the end' },
    { conf: '', typed: 'qplan/raw', name: 'qplan/raw', path: 'streams/qplan/raw', why: 'slashes' },
    { conf: '', typed: ' raw/qplan ', name: 'qplan/raw', path: 'streams/qplan/raw', why: 'slashes, swapped' },
    { conf: '', typed: 'raw conditioned', name: 'raw/conditioned', path: 'streams/raw/conditioned', why: 'as typed' },
    { conf: '', typed: 'raw', name: 'raw', path: 'streams/raw', why: 'a stage alone is a name' },
    { conf: '', typed: 'a b c', name: 'a/b/c', path: 'streams/a/b/c', why: 'no stage at all' },
    { conf: '', typed: 'raw a b', name: 'a/b/raw', path: 'streams/a/b/raw', why: 'a nested name' },
    { conf: DECLARED, typed: 'raw qplan', name: 'qplan/raw', path: 'raw/qplan.txt', why: 'a pattern of its own' },
    { conf: DECLARED, typed: 'plan results', name: 'qplan/results', path: 'results/qplan.txt', why: 'an alias' },
    {
      conf: DECLARED,
      typed: 'clean sensor t1',
      name: 'sensor/t1/clean',
      path: 'streams/sensor/23/t1/clean',
      why: 'a *',
    },
    { conf: DECLARED, typed: 'lab notes', name: 'lab/notes', path: 'streams/lab/notes', why: 'no stages' },
    { conf: `${DECLARED}[data]\ndeclare = open`, typed: 'x', name: 'x', path: 'streams/x', why: 'all are open' },
    { conf: '[data]\npaths = shown', typed: 'streams/a/raw', name: 'a/raw', path: 'streams/a/raw', why: 'a path' },
    {
      conf: `${DECLARED}[data]\npaths = shown`,
      typed: 'raw/qplan.txt',
      name: 'qplan/raw',
      path: 'raw/qplan.txt',
      why: 'a path',
    },
  ])('$typed is $name: $why', ({ conf, typed, name, path }) => {
    expect(streams(conf).find(typed)).toMatchObject({ name, path, topic: name.replaceAll('/', ' ') });
  });

  test.each([
    { conf: DECLARED, typed: 'other', why: 'only declared streams exist' },
    { conf: DECLARED, typed: 'qplan', why: 'a stage is missing' },
    { conf: DECLARED, typed: 'lab notes raw', why: 'it has no stages' },
    { conf: DECLARED, typed: 'sensor t1 dirty', why: 'the stage is not declared' },
    { conf: '', typed: ' / ', why: 'no words' },
    { conf: '[data]\ndeclare = closed', typed: 'x', why: 'nothing is declared, and all is closed' },
  ])('$typed is no stream: $why', ({ conf, typed }) => {
    expect(streams(conf).find(typed)).toBeUndefined();
  });

  test('in either order, with blanks or slashes, is one stream; its path leads back to it', () => {
    const word = fc
      .stringMatching(/^[a-z][a-z0-9_.]{0,8}$/)
      .filter((text) => !KNOWN_STAGES.some((one) => one === text));
    const table = streams('');
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 3 }), fc.constantFrom(...KNOWN_STAGES), (words, stage) => {
        const stream = table.find([...words, stage].join('/'));
        for (const blank of [' ', '/', '  ']) {
          expect(table.find([stage, ...words].join(blank))).toEqual(stream);
          expect(table.find([...words, stage].join(blank))).toEqual(stream);
        }
        expect(table.at(stream?.path ?? '')).toEqual(stream);
        expect(table.named(stream?.name ?? '')).toEqual(stream);
      }),
    );
  });

  test('of a declared pattern leads to a path, and the path back to the name', () => {
    const table = streams('[stream sensor/*]\nstages = raw\nfanout = 2\npath = deep/{name}/{stage}/{name}.bin');
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]{1,10}$/), (word) => {
        const stream = table.find(`raw sensor ${word}`);
        expect(stream?.path).toMatch(/^deep\/sensor\/..\/..\/\w+\/raw\/sensor\/..\/..\/\w+\.bin$/);
        expect(table.at(stream?.path ?? '')).toEqual(stream);
      }),
    );
  });
});

describe('a declaration', () => {
  test('knows type, inline and chunker', () => {
    expect(streams(DECLARED).find('qplan raw')).toMatchObject({ type: 'text/plain' });
    expect(streams(DECLARED).find('sensor t1 raw')).toMatchObject({ inline: 4096, chunker: 'cdc-256k' });
    expect(streams(DECLARED).declared.map(({ name }) => name)).toEqual([
      'lab/notes',
      'qplan/conditioned',
      'qplan/raw',
      'qplan/results',
    ]);
    expect(streams(DECLARED).roots).toEqual(['conditioned', 'raw', 'results', 'streams']);
  });

  test.each([
    { conf: '[stream a]\nstages = b\n[stream b]\nstages = a', why: 'each is the other one, swapped' },
    { conf: '[stream a]\npath = x\n[stream b]\npath = x', why: 'two streams with one path' },
    { conf: '[stream a]\nalias = b\n[stream b]\nx = 1', why: 'an alias that is a name' },
    { conf: '[stream a]\npath = snapshots/{name}', why: 'a root that is not for streams' },
    { conf: '[stream a]\nstages = x y\npath = {name}', why: 'two stages with one path' },
    { conf: '[stream a]\npath = {stage}/{name}', why: 'a stage that nothing declares' },
    { conf: '[stream a]\npath = {date}/{name}', why: 'a word that no path knows' },
    { conf: '[stream a/*]\npath = all', why: 'many streams with one path' },
    { conf: '[stream a/*/*]\nx = 1', why: 'more than one *' },
    { conf: '[stream a]\nchunker = big', why: 'no such chunker' },
    { conf: '[stream a]\ninline = many', why: 'no size' },
    { conf: '[stream a]\nfanout = 9', why: 'too deep' },
    { conf: '[data]\ndeclare = maybe', why: 'neither open nor closed' },
  ])('is refused: $why', ({ conf }) => {
    expect(() => streams(conf)).toThrow(expect.objectContaining({ code: 'config/malformed' }));
  });
});
