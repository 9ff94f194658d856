import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalOf } from '../../src/session/identify.ts';
import { exec } from '../../src/session/schemes/exec.ts';
import { encodePart, formatUnitUri, parseUnitUri } from '../../src/session/uri.ts';
import { escapeTemplate, resolveTemplate } from '../../src/session/template.ts';

describe('the canonical URI', () => {
  test.each([
    {
      uri: 'EXEC://LocalHost/bin/sleep?60',
      canonical: 'exec://localhost/bin/sleep?60',
      why: 'scheme and host in lower case',
    },
    { uri: 'exec:///bin/sleep?60', canonical: 'exec://localhost/bin/sleep?60', why: 'no host is this one' },
    { uri: 'exec://127.0.0.1/bin/sleep', canonical: 'exec://localhost/bin/sleep', why: 'loopback' },
    { uri: 'exec://[::1]/bin/sleep', canonical: 'exec://localhost/bin/sleep', why: 'loopback of IPv6' },
    { uri: 'exec://Lab/bin/sleep', canonical: 'exec://localhost/bin/sleep', why: 'the own host name' },
    {
      uri: 'exec://other:9090/bin/sleep',
      canonical: 'exec://other:9090/bin/sleep',
      why: 'another host keeps its port',
    },
    { uri: 'exec://localhost/usr/./lib/../bin/env', canonical: 'exec://localhost/usr/bin/env', why: 'dot segments' },
    { uri: 'exec://localhost/../../bin/env', canonical: 'exec://localhost/bin/env', why: 'nothing is above the root' },
    {
      uri: 'exec://localhost/%62in/a%2fb%20c?%7e=1',
      canonical: 'exec://localhost/bin/a%2Fb%20c?~=1',
      why: 'escapes: needless ones resolved, others in upper case',
    },
    {
      uri: 'exec://localhost/bin/a b?ä',
      canonical: 'exec://localhost/bin/a%20b?%C3%A4',
      why: 'what may not stand as it is',
    },
    {
      uri: 'exec://localhost/bin/x?b&a&b',
      canonical: 'exec://localhost/bin/x?b&a&b',
      why: 'the order of arguments means something',
    },
    { uri: 'ib://localhost/x?b=1&a=2', canonical: 'ib://localhost/x?a=2&b=1', why: 'elsewhere it does not' },
    {
      uri: 'exec://localhost/bin/x?password=p%26w&u=1',
      canonical: 'exec://localhost/bin/x?password=${secret}&u=1',
      why: 'a secret',
    },
    {
      uri: 'exec://localhost/bin/x?password=${secret:a.b}&u=1',
      canonical: 'exec://localhost/bin/x?password=${secret}&u=1',
      why: 'a reference to it',
    },
    {
      uri: 'exec://localhost/bin/x?--token&abc',
      canonical: 'exec://localhost/bin/x?--token&${secret}',
      why: 'a secret behind its option',
    },
    { uri: 'exec://localhost/bin/x?60#2', canonical: 'exec://localhost/bin/x?60#2', why: 'a twin is another unit' },
  ])('$uri → $canonical: $why', ({ uri, canonical }) => {
    expect(canonicalOf(uri, ['lab', 'lab.example.org'])).toBe(canonical);
    expect(canonicalOf(canonical, ['lab']), 'it is its own canonical form').toBe(canonical);
  });

  test.each([
    { uri: '/bin/sleep', why: 'no scheme' },
    { uri: 'exec:/bin/sleep', why: 'no slashes' },
    { uri: 'exec://localhost/bin/x?%zz', why: 'an escape that is none' },
    { uri: 'exec://localhost/bin/x?a\nb', why: 'a line end' },
    { uri: 'exec://me:geheim@localhost/bin/x', why: 'credentials before the host' },
    { uri: 'exec://localhost/bin/x#top', why: 'a fragment that is no number' },
  ])('$uri is refused: $why', ({ uri }) => {
    const thrown = caught(() => canonicalOf(uri, []));
    expect(thrown).toMatchObject({ code: 'session/uri' });
    expect((thrown as Error).message).not.toContain('geheim');
  });

  test('whatever is typed is canonical after one step', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), (url) => {
        const canonical = canonicalOf(url.replace(/^https?/, 'exec'), []);
        expect(canonicalOf(canonical, [])).toBe(canonical);
      }),
    );
  });
});

describe('exec', () => {
  test.each([
    {
      uri: 'exec://localhost/bin/x?username=u&-p&80',
      argv: ['/bin/x', 'username=u', '-p', '80'],
      why: 'each item an argument',
    },
    { uri: 'exec://localhost/bin/x?--port=80', argv: ['/bin/x', '--port=80'], why: 'options with a value' },
    {
      uri: 'exec://localhost/opt/a%20b?one%20two&a%26b&1%2B1&a+b',
      argv: ['/opt/a b', 'one two', 'a&b', '1+1', 'a+b'],
      why: 'escapes; a plus is a plus',
    },
    {
      uri: 'exec://localhost/bin/sh?-c&echo%20$HOME%20;%20ls',
      argv: ['/bin/sh', '-c', 'echo $HOME ; ls'],
      why: 'nothing is expanded',
    },
    { uri: 'exec://localhost/bin/x?p=${secret:a.p}', argv: ['/bin/x', 'p=${secret:a.p}'], why: 'references stay' },
    {
      uri: 'exec://localhost/bin/x?%24%7Bsecret:a.p%7D',
      argv: ['/bin/x', '$${secret:a.p}'],
      why: 'what only looks like one does not',
    },
    { uri: 'exec://localhost/bin/x?', argv: ['/bin/x'], why: 'an empty query' },
  ])('$uri: $why', ({ uri, argv }) => {
    expect(exec.launch(parseUnitUri(uri, [])).argv).toEqual(argv);
  });

  test('a URI without a program is refused', () => {
    expect(caught(() => exec.launch(parseUnitUri('exec://localhost/', [])))).toMatchObject({ code: 'session/uri' });
  });

  test('every argument vector can be written as a URI and comes back', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.constantFrom('${secret:a}', '$${', '$', '%'),
    );
    const argument = fc
      .array(piece, { minLength: 1, maxLength: 4 })
      .map((pieces) => pieces.join(''))
      .filter((text) => !/\p{Cc}/u.test(text) && text.isWellFormed());
    fc.assert(
      fc.property(fc.array(argument, { minLength: 1 }), (args) => {
        const uri = { scheme: 'exec', host: 'localhost', path: '/bin/x', query: args.map(encodePart), twin: undefined };
        const { argv } = exec.launch(parseUnitUri(formatUnitUri(uri), []));
        expect(argv.slice(1)).toEqual(args.map(escapeTemplate));
        expect(argv.slice(1).map((template) => resolveTemplate(template, () => undefined).text)).toEqual(args);
      }),
    );
  });
});

function caught(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
