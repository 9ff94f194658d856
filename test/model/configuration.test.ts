import { describe, expect, test } from 'vitest';
import { mergeConfiguration, settingEntry, variableEntries, type ConfigSource } from '../../src/model/configuration.ts';
import { parseIni } from '../../src/model/ini.ts';

function source(kind: ConfigSource['kind'], text: string, file: string = kind): ConfigSource {
  return { kind, entries: parseIni(text, file).map(({ line, ...entry }) => ({ ...entry, origin: `${file}:${line}` })) };
}

const known = new Map([
  ['store', ['dir', 'mirror']],
  ['store.etcd', ['endpoints']],
  ['nodes', ['keep_runs']],
]);

describe('mergeConfiguration', () => {
  test('later sources redefine single values, and each value knows where it came from', () => {
    const merged = mergeConfiguration(
      [source('default', '[a]\nx = 1\ny = 1'), source('file', '[a]\ny = 2', '/etc/restage/restage.conf')],
      'lab',
    );
    expect([...merged.section('a')]).toEqual([
      ['x', { value: '1', origin: 'default:2' }],
      ['y', { value: '2', origin: '/etc/restage/restage.conf:2' }],
    ]);
  });

  test.each([
    { text: '[a]\nx = 1\nx.lab = 2', is: '2', why: 'the host value wins' },
    { text: '[a]\nx.lab = 2\nx = 1', is: '2', why: 'wherever it stands' },
    { text: '[a]\nx.lab.example.org = 3\nx.lab = 2', is: '3', why: 'the full name is more exact' },
    { text: '[a]\nx.LAB = 2\nx = 1', is: '2', why: 'host names have no case' },
    { text: '[a]\nx = 1\nx.other = 2', is: '1', why: 'another host' },
    { text: '[a]\nx.lab = 2', is: '2', why: 'a value for this host alone' },
  ])('on the host lab.example.org x of $text is $is: $why', ({ text, is }) => {
    expect(mergeConfiguration([source('file', text)], 'lab.example.org').get('a', 'x')).toBe(is);
  });

  test('a host value of a lower file wins over a plain one of a higher, and what is given for the run over both', () => {
    const files = [source('file', '[a]\nx.lab = low'), source('file', '[a]\nx = high')];
    expect(mergeConfiguration(files, 'lab').get('a', 'x')).toBe('low');
    expect(mergeConfiguration([...files, source('explicit', '[a]\nx = run')], 'lab').get('a', 'x')).toBe('run');
  });

  test.each([
    { kind: 'file', value: '"a b"', is: 'a b', why: 'our own files may quote' },
    { kind: 'file', value: "'a b'", is: 'a b', why: 'both quotes' },
    { kind: 'file', value: '"a" == "b"', is: '"a" == "b"', why: 'an expression is not quoted as a whole' },
    { kind: 'file', value: '"a', is: '"a', why: 'half a pair is none' },
    { kind: 'rhubarbe', value: '"a b"', is: '"a b"', why: 'rhubarbe has no quotes' },
  ] as const)('in a $kind file $value is $is: $why', ({ kind, value, is }) => {
    const merged = mergeConfiguration([source(kind, `[a]\nx = ${value}`)], 'lab');
    expect(merged.get('a', 'x')).toBe(is);
    expect(merged.warnings).toHaveLength(kind === 'rhubarbe' ? 1 : 0);
  });

  test('what is not there is undefined or empty', () => {
    const merged = mergeConfiguration([], 'lab');
    expect([merged.get('a', 'x'), merged.section('a').size, merged.sections()]).toEqual([undefined, 0, []]);
  });
});

describe('variableEntries', () => {
  test.each([
    { name: 'RESTAGE_STORE_DIR', is: 'store.dir', why: 'section and key' },
    { name: 'RESTAGE_STORE_ETCD_ENDPOINTS', is: 'store.etcd.endpoints', why: 'the longest section wins' },
    { name: 'RESTAGE_NODES_KEEP_RUNS', is: 'nodes.keep_runs', why: 'a key with an underscore' },
    { name: 'RESTAGE_STORE_NEW', is: 'store.new', why: 'a key that nobody knows' },
    { name: 'RESTAGE_LAUNCH', is: undefined, why: 'no section of that name' },
    { name: 'RESTAGE_STORE_', is: undefined, why: 'no key' },
    { name: 'STORE_DIR', is: undefined, why: 'not ours' },
  ])('$name is $is: $why', ({ name, is }) => {
    const [entry] = variableEntries({ [name]: 'v' }, known);
    expect(entry && `${entry.section}.${entry.key}`).toBe(is);
  });
});

describe('settingEntry', () => {
  test.each([
    { text: 'store.mirror=/b', is: ['store', 'mirror', '/b'], why: 'the usual' },
    { text: 'store.etcd.endpoints=a=b', is: ['store.etcd', 'endpoints', 'a=b'], why: 'a section with a dot' },
    { text: 'stream qplan.path=', is: ['stream qplan', 'path', ''], why: 'a section with a name, an empty value' },
  ])('$text: $why', ({ text, is }) => {
    const { section, key, value } = settingEntry(text, known);
    expect([section, key, value]).toEqual(is);
  });

  test.each(['store', 'store.mirror', 'store=1', '=1', '.x=1'])('%s is refused', (text) => {
    expect(() => settingEntry(text, known)).toThrow(expect.objectContaining({ code: 'cli/usage' }));
  });
});

test('a section is there even if nothing is in it, as [stream qplan] alone declares a stream', () => {
  const merged = mergeConfiguration([source('file', '[stream qplan]\n[store]\nmirror = /backup\n')], 'lab');
  expect(merged.sections()).toEqual(['store', 'stream qplan']);
  expect([...merged.section('stream qplan')]).toEqual([]);
});
