import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { directory } from '../../src/store/engines/directory.ts';
import { serviceRig } from '../rig/service.ts';

const VERSION = /^[0-9a-f]{40}$/;

describe('the service', () => {
  test('gives back what was put, byte for byte, at HEAD and by an abbreviated version', async () => {
    await using rig = await serviceRig({ engine: directory });
    expect((await rig.ask('=====PUT raw qplan\n\tone\n\t\n\t\t=====not a header\r\n\tno newline')).toString()).toBe(
      'OK',
    );
    const first = (await rig.ask('=====GET raw qplan')).toString();
    const [, version = ''] = first.split('\n\t');
    expect(version.split('\n')[0]).toMatch(VERSION);
    const data = '=====data\n\tone\n\t\n\t\t=====not a header\r\n\tno newline';
    expect(first).toBe(`=====qplan raw\n\t${version.split('\n')[0]}\n${data}`);
    await rig.ask('=====PUT qplan raw\n\ttwo\n');
    expect((await rig.ask('=====GET raw/qplan')).toString()).toMatch(/=====data\n\ttwo\n$/);
    for (const length of [4, 7, 40]) {
      const old = await rig.ask(`=====GET raw qplan\n\t${version.slice(0, length)}`);
      expect(old.toString()).toBe(first);
      // As printed in the original design: the two characters, and a newline behind.
      expect((await rig.ask(`=====GET raw qplan\n\\t${version.slice(0, length)}\n`)).toString()).toBe(first);
    }
    expect(rig.reports).toEqual([]);
  });

  test('gives back any bytes', async () => {
    await using rig = await serviceRig();
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000, size: 'max' }), async (bytes) => {
        const name = `any/${count++}`;
        const body = Buffer.from(bytes).toString('base64');
        expect((await rig.ask(`=====PUT ${name}\n\t${body}\n=====encoding\n\tbase64`)).toString()).toBe('OK');
        const reply = await rig.ask(`=====GET ${name}`);
        const data = reply.subarray(reply.indexOf('\n=====data\n') + 11);
        // What the dumbest client does: take the first TAB of each line away.
        const read = Buffer.from(data.toString('latin1').replaceAll(/(^|\n)\t/g, '$1'), 'latin1');
        expect(read).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 100 },
    );
  });

  test('makes several PUTs one transaction, and answers the parts in order', async () => {
    await using rig = await serviceRig();
    const reply = await rig.ask('=====PUT a\n\t1\n=====GET b\n=====PUT b\n\t2\n=====GET nothing\n=====reply\n\tfull');
    const head = await rig.store.head();
    expect(head?.seq).toBe(1);
    const version = head?.version ?? '';
    expect(reply.toString()).toBe(
      `=====OK\n\t${version}\n\tseq 1\n=====b\n\t${version}\n=====data\n\t2\n=====OK\n\t${version}\n\tseq 1\n` +
        '=====ERROR 404\n\tno stream "nothing"\n\tcode data/unknown-stream\n',
    );
    expect((await rig.ask('=====PUT a\n\t1\n=====PUT c\n\t1\n=====expect\n\tHEAD')).toString()).toMatch(/^ERROR: 412 /);
    expect((await rig.ask('=====GET c')).toString()).toMatch(/^ERROR: 404 no stream "c"/);
  });

  test('takes producer, inputs, request and expect, and says `unchanged`', async () => {
    await using rig = await serviceRig();
    await rig.ask('=====PUT raw a\n\tin\n');
    const put = '=====PUT results a\n\tout\n=====producer\n\tme@home\n=====inputs\n\traw a\n=====request\n\tr1\n';
    expect((await rig.ask(put)).toString()).toBe('OK');
    const [event] = await rig.data.log({ limit: 1 });
    expect(event).toMatchObject({ producer: 'me@home', requestId: 'r1', inputs: [{ stream: 'a/raw' }] });
    expect((await rig.ask('=====PUT results a\n\tout\n=====reply\n\tfull')).toString()).toBe(
      `=====OK\n\t${event?.version ?? ''}\n\tseq 2\n\tunchanged\n`,
    );
    expect((await rig.ask('=====PUT raw a\n\tx\n=====expect\n\tabsent')).toString()).toMatch(
      /^ERROR: 412 stream "a raw" is at [0-9a-f]{10} and not at absent$/,
    );
  });

  test('answers DEALER clients, with and without an empty frame, many at once and in order', async () => {
    await using rig = await serviceRig();
    const plain = rig.dealer();
    for (let count = 0; count < 200; count++) await plain.send(`=====PUT n\n\t${count}\n=====reply\n\tfull`);
    for (let count = 0; count < 200; count++) {
      const [reply] = await plain.receive();
      expect(reply?.toString()).toContain(`seq ${count + 1}\n`);
    }
    const framed = rig.dealer();
    await framed.send(['', '=====PUT c\n=====encoding\n\tframe 2', Buffer.from([0, 1, 255])]);
    expect((await framed.receive()).map(String)).toEqual(['', 'OK']);
    expect(await (await rig.data.get('c')).member.bytes()).toEqual(Buffer.from([0, 1, 255]));
  });

  test('refuses a message over 64 MiB, and goes on', async () => {
    await using rig = await serviceRig();
    const big = Buffer.concat([Buffer.from('=====PUT a\n\t'), Buffer.alloc(64 * 1024 * 1024, 'x')]);
    expect((await rig.ask(big)).toString()).toMatch(/^ERROR: 413 /);
    expect((await rig.ask('=====PUT a\n\tx')).toString()).toBe('OK');
  });
});

describe('what is wrong gets one clear reply', () => {
  const BAD = [
    { message: '', reply: 'ERROR: 400 the message is empty' },
    { message: 'hello', reply: 'ERROR: 400 line 1: no header: a message begins with five =' },
    { message: '=====', reply: 'ERROR: 405 line 1: no verb "", only PUT and GET' },
    { message: '=====DELETE a', reply: 'ERROR: 405 line 1: no verb "DELETE", only PUT and GET' },
    { message: '=====put a\n\tx', reply: 'ERROR: 405 line 1: no verb "put", only PUT and GET' },
    { message: '=====PUT\n\tx', reply: 'ERROR: 400 line 1: PUT names no stream' },
    { message: '=====PUT a\nx', reply: 'ERROR: 400 line 2: missing TAB before the line' },
    { message: '=====GET qplan rwa', reply: 'ERROR: 404 no stream "qplan rwa"; did you mean "qplan raw"?' },
    { message: '=====GET raw qplan\n\tdeadbeef', reply: 'ERROR: 404 no version "deadbeef" of stream "qplan raw"' },
    { message: '=====GET raw qplan\n\tabc', reply: 'ERROR: 404 no version "abc" of stream "qplan raw"' },
    { message: '=====GET raw qplan\n\t$(reboot)', reply: 'ERROR: 400 "$(reboot)" is no version' },
    { message: '=====GET raw qplan\n\tx\n\ty', reply: 'ERROR: 400 "x\\ny" is no version' },
    { message: '=====PUT a@b\n\tx', reply: 'ERROR: 400 "streams/a@b" holds @ or a control character' },
    { message: '=====PUT ../a\n\tx', reply: 'ERROR: 400 "streams/../a" has a segment ..' },
    { message: '=====PUT qplan\n\tx', reply: /^ERROR: 400 streams\/qplan cannot stand/ },
    { message: '=====PUT a\n\tx\n=====PUT a\n\ty', reply: 'ERROR: 400 stream a stands twice in one transaction' },
    { message: '=====GET raw qplan\n=====reply\n\tloud', reply: /^ERROR: 400 line 1: reply is full/ },
    {
      message: '=====nonsense\n=====reply\n\tfull',
      reply: '=====ERROR 405\n\tline 1: no verb "nonsense", only PUT and GET\n\tcode wire/verb\n',
    },
  ];

  test('whatever it is', async () => {
    await using rig = await serviceRig({ engine: directory });
    await rig.ask('=====PUT raw qplan\n\tx');
    for (const { message, reply } of BAD) {
      const said = (await rig.ask(message)).toString();
      if (typeof reply === 'string') expect(said).toBe(reply);
      else expect(said).toMatch(reply);
    }
    expect((await rig.store.head())?.seq, 'nothing was stored').toBe(1);
    expect(rig.reports).toEqual([]);
  });

  test('an ambiguous version names its candidates', async () => {
    await using rig = await serviceRig();
    const seen = new Map<string, string>();
    for (let count = 0; ; count++) {
      const { version } = await rig.data.put({ puts: [{ stream: 'a', source: Buffer.from(`${count}`) }] });
      const other = seen.get(version.slice(0, 4));
      seen.set(version.slice(0, 4), version);
      if (other === undefined) continue;
      expect((await rig.ask(`=====GET a\n\t${version.slice(0, 4)}`)).toString()).toMatch(
        new RegExp(`^ERROR: 409 ${version.slice(0, 4)} may be (${other}, ${version}|${version}, ${other})$`),
      );
      return;
    }
  });

  test('5,000 requests that a machine made up: one reply each, and the service lives', async () => {
    await using rig = await serviceRig({ engine: directory });
    await rig.ask('=====PUT raw qplan\n\tx\n');
    const dealer = rig.dealer();
    const word = fc.constantFrom(
      'PUT',
      'GET',
      'raw',
      'qplan',
      'a/b',
      '..',
      '@',
      '\0',
      '~1',
      'sha256:',
      '{1 day ago}',
      'é',
      '-x',
      '',
    );
    const line = fc.oneof(
      fc.array(word, { maxLength: 4 }).map((words) => `=====${words.join(' ')}`),
      fc.array(word, { maxLength: 3 }).map((words) => `\t${words.join(' ')}`),
      fc.constantFrom(
        '',
        '=====encoding',
        '\tbase64',
        '\tframe 2',
        '=====expect',
        '\tabsent',
        '=====reply',
        '\tfull',
        '\t=====',
      ),
      fc.string({ maxLength: 30 }),
    );
    const message = fc.oneof(
      { weight: 4, arbitrary: fc.array(line, { maxLength: 8 }).map((lines) => Buffer.from(lines.join('\n'))) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)) },
    );
    const messages = fc.sample(fc.array(message, { minLength: 1, maxLength: 3 }), 5000);
    for (let start = 0; start < messages.length; start += 500) {
      const batch = messages.slice(start, start + 500);
      for (const frames of batch) await dealer.send(['', ...frames]);
      for (const frames of batch) {
        const reply = await dealer.receive();
        expect(reply).toHaveLength(2);
        expect(reply[1]?.toString(), frames.join('|')).toMatch(/^(OK|ERROR: [4]\d\d .|=====)/s);
      }
    }
    expect((await rig.ask('=====GET raw qplan')).toString()).toMatch(/^=====qplan raw\n/);
    expect(rig.reports).toEqual([]);
  });
});
