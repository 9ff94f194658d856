import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RestageError } from '../../src/errors.ts';
import { digestOf, digestOfJson } from '../../src/model/digest.ts';
import { canonicalJson } from '../../src/model/json.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import {
  decodeSnapshot,
  encodeSnapshot,
  reseal,
  sealSnapshot,
  type UnsealedRecord,
} from '../../src/snapshot/snap-file.ts';

const RECORD: UnsealedRecord = {
  ...{ name: 'demo', id: 'an-id', store: 'a-store', savedAt: '2026-11-20T09:14:00Z', savedBy: 'rino', host: 'lab' },
  ...{ kept: [{ layer: 'data', digest: digestOf('x'), size: 1 }], notKept: [], unresolved: [], skipped: [] },
  ...{ durations: { data: 12 }, layers: { data: { seq: 41 } } },
};

function snapshotOf(items: Readonly<Record<string, unknown>>, message?: string): Snapshot {
  const nodes = { schema: 'restage/nodes-layer/1', size: 1e21, text: 'a\u0001é' };
  const record = message === undefined ? RECORD : { ...RECORD, message };
  return sealSnapshot({ data: { schema: 'restage/data-layer/1', items }, nodes }, record);
}

function decodeText(text: string): Snapshot {
  return decodeSnapshot(Buffer.from(text), 'x.snap');
}

describe('a snapshot file', () => {
  test('is read back as it was written, byte for byte', () => {
    const json = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue());
    fc.assert(
      fc.property(json, (items) => {
        const text = encodeSnapshot(snapshotOf(JSON.parse(JSON.stringify(items)) as Record<string, unknown>));
        expect(encodeSnapshot(decodeText(text))).toBe(text);
      }),
    );
  });

  test('has a digest that depends on the state alone', () => {
    const [one, other] = [snapshotOf({ a: 1 }), snapshotOf({ a: 1 }, 'another save')];
    expect(other.digest).toBe(one.digest);
    expect(other.record.seal).not.toBe(one.record.seal);
    expect(snapshotOf({ a: 2 }).digest).not.toBe(one.digest);
    expect(reseal(one, { message: 'another save' })).toEqual(other);
  });

  test('shows every single flipped bit', () => {
    const bytes = Buffer.from(encodeSnapshot(snapshotOf({ a: 'é', e: 1 }, 'why')));
    const silent: string[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const flaw = flawOf(flipped);
      if (flaw !== 'snapshot/damaged')
        silent.push(`bit ${bit} of ${bytes.toString().slice((bit >> 3) - 5, (bit >> 3) + 5)}: ${flaw}`);
    }
    expect(silent).toEqual([]);
  });

  test.each([
    { from: '"a":1', to: '"a":2', names: 'layer data does not match its digest', why: 'a changed layer' },
    { from: '"savedBy":"rino"', to: '"savedBy":"eve"', names: 'its record does not match its seal', why: 'the record' },
    {
      from: /^{"digest":"sha256:...../,
      to: '{"digest":"sha256:00000',
      names: 'its digest does not',
      why: 'the digest',
    },
    { from: /^{/, to: '{ ', names: 'canonical form at character 1', why: 'a blank, which could hide anything' },
    { from: /\n$/, to: '', names: 'canonical form', why: 'the newline at the end' },
    { from: '"schema":', to: '"schema"', names: 'it is no JSON', why: 'a colon' },
  ])('names what is damaged: $why', ({ from, to, names }) => {
    const text = encodeSnapshot(snapshotOf({ a: 1 }));
    expect(text.replace(from, to)).not.toBe(text);
    expect(() => decodeText(text.replace(from, to))).toThrow(names);
  });

  test('of a newer format is refused as such, though it is whole', () => {
    const { record, ...rest } = JSON.parse(encodeSnapshot(snapshotOf({}))) as Record<string, unknown>;
    const newer = { ...rest, schema: 'restage/snapshot/2', record };
    expect(() => decodeText(reencode(newer))).toThrow(expect.objectContaining({ code: 'snapshot/format' }));
  });
});

function flawOf(bytes: Buffer): string {
  try {
    decodeSnapshot(bytes, 'x.snap');
    return 'nothing was seen';
  } catch (error) {
    return error instanceof RestageError ? error.code : String(error);
  }
}

/** Canonical bytes with a good seal, whatever the content. */
function reencode(value: Readonly<Record<string, unknown>>): string {
  const record = Object.fromEntries(Object.entries(value['record'] as object).filter(([name]) => name !== 'seal'));
  const open = { ...value, record };
  return `${canonicalJson({ ...open, record: { ...record, seal: digestOfJson(open) } })}\n`;
}
