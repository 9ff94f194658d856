import { expect, test } from 'vitest';
import { parseCpuModel, parseOsRelease, readBase } from '../../src/environment/base.ts';
import { testContext } from '../rig/context.ts';

test.each([
  {
    text: 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
    os: { id: 'debian', versionId: '12', codename: 'bookworm' },
    why: 'both kinds of quoting',
  },
  {
    text: "ID='arch'\n# VERSION_ID=1\n",
    os: { id: 'arch', versionId: null, codename: null },
    why: 'a system without versions',
  },
  { text: '', os: { id: null, versionId: null, codename: null }, why: 'no file' },
])('os-release: $why', ({ text, os }) => {
  expect(parseOsRelease(text)).toEqual(os);
});

test('a processor has the name of its first core, or none', () => {
  expect(parseCpuModel('processor\t: 0\nmodel name\t: Fast (R) 3000\nprocessor\t: 1\nmodel name\t: Other\n')).toBe(
    'Fast (R) 3000',
  );
  expect(parseCpuModel('')).toBeNull();
});

test('what cannot be found out is null, and never a guess', async () => {
  const context = testContext();
  const none = { status: 127, stdout: 'nonsense', stdoutBytes: Buffer.alloc(0), stderr: '' };
  const files = { ...context.files, readIfExists: () => Promise.reject(new Error('denied')) };
  expect(await readBase({ ...context, files, exec: async () => none })).toEqual({
    ...{ os: { id: null, versionId: null, codename: null }, arch: null, kernel: null, libc: null },
    cpu: { model: null },
  });
});
