import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Dealer, type Subscriber } from 'zeromq';
import { openData } from '../../src/data/open-data.ts';
import { zeroMq } from '../../src/platform/zeromq.ts';
import { serve } from '../../src/service/serve.ts';
import { parseStacked } from '../../src/service/stacked/parse.ts';
import { directory } from '../../src/store/engines/directory.ts';
import { testContext } from '../rig/context.ts';
import { configurationOf, dataRig } from '../rig/data.ts';
import { hasTool } from '../rig/has-tool.ts';
import { serviceRig } from '../rig/service.ts';

describe('events', () => {
  test('come after the commit: the topic, then what happened', async () => {
    await using rig = await serviceRig();
    const events = await rig.subscribe('qplan raw');
    await rig.ask('=====PUT raw qplan\n\tone\n=====producer\n\trino@lab');
    const [topic, message] = await events.receive();
    expect(topic?.toString()).toBe('qplan raw');
    const { entry } = await rig.data.get('qplan raw');
    const lines = [
      `seq ${entry.seq}`,
      'prev 0',
      `version ${entry.version}`,
      `digest ${entry.digest}`,
      'size 4',
      'producer rino@lab',
    ];
    expect(message?.toString()).toBe(`=====qplan raw\n${lines.map((line) => `\t${line}\n`).join('')}`);
    await rig.ask('=====PUT other\n\tx');
    await rig.ask('=====PUT raw qplan\n\ttwo\n');
    const [, next] = await events.receive();
    expect(parseStacked(next ?? Buffer.alloc(0))[0]?.body.toString()).toContain(`prev ${entry.seq}\n`);
  });

  test('come also of what others commit, and of streams that end; not of what is no stream', async () => {
    await using rig = await serviceRig();
    const events = await rig.subscribe('');
    await rig.store.commit({
      puts: [{ path: 'snapshots/a.snap', bytes: Buffer.from('{}') }],
      subject: 's',
      producer: 'p',
    });
    await rig.data.put({ puts: [{ stream: 'a', source: Buffer.from('x') }] });
    await rig.data.put({ puts: [], deletes: [{ stream: 'a' }] });
    expect((await events.receive())[1]?.toString()).toMatch(/^=====a\n\tseq \d+\n\tprev 0\n/);
    expect((await events.receive())[1]?.toString()).toMatch(/^=====a\n(\t.*\n)*\tchange delete\n$/);
  });

  test('come also from a second service of the same store, and neither loses what the other was given', async () => {
    await using rig = await serviceRig({ engine: directory });
    const context = testContext();
    await using store = await directory.open({ directory: `${rig.path}/.restage`, mode: 'write' }, context);
    const data = openData({ ...context, store, configuration: configurationOf('') });
    const options = { bind: '127.0.0.1', repPort: 0, pubPort: 0, oneFrame: false };
    const second = await serve(options, { streams: data, zeroMq, report: (line) => rig.reports.push(line) });
    const events = await rig.subscribe('n');
    const [here, there] = [rig.dealer(), new Dealer({ linger: 0, receiveTimeout: 20_000 })];
    there.connect(`tcp://127.0.0.1:${second.repPort}`);
    for (let count = 0; count < 20; count++) {
      await here.send(`=====PUT n here ${count}\n\tx`);
      await there.send(`=====PUT n there ${count}\n\tx`);
    }
    for (const socket of [here, there]) {
      for (let count = 0; count < 20; count++) expect(String(await socket.receive())).toBe('OK');
    }
    const topics = new Set<string>();
    while (topics.size < 40) topics.add(String((await events.receive())[0]));
    there.close();
    await second.stop();
    expect((await rig.data.list('n')).map(({ topic }) => topic).toSorted()).toEqual([...topics].toSorted());
    expect(rig.reports).toEqual([]);
  });

  test('come in one frame to those who subscribe with the five =', async () => {
    await using rig = await serviceRig({ oneFrame: true });
    const events = await rig.subscribe('=====qplan raw');
    await rig.ask('=====PUT raw qplan\n\tx');
    expect((await events.receive()).map(String)).toEqual([expect.stringMatching(/^=====qplan raw\n\tseq \d+\n/)]);
  });

  test('that wait for a slow subscriber slow nobody, and are not lost', async () => {
    await using rig = await serviceRig();
    const slow = await rig.subscribe('s');
    const fast = await rig.subscribe('s');
    const count = 2000;
    const dealer = rig.dealer();
    for (let sent = 0; sent < count; sent++) await dealer.send(`=====PUT s ${sent % 7}\n\t${sent}`);
    for (let received = 0; received < count; received++) expect(String(await dealer.receive())).toBe('OK');
    const seqs = async (socket: Subscriber) => {
      const found: number[] = [];
      while (found.length < count) found.push(Number(/seq (\d+)/.exec(String((await socket.receive())[1]))?.[1]));
      return found;
    };
    const expected = (await rig.data.log({ stream: 's', limit: count })).map(({ seq }) => seq).reverse();
    expect(await seqs(fast)).toEqual(expected);
    expect(await seqs(slow)).toEqual(expected);
  });
});

describe('serve', () => {
  test('names the port that is taken and its option, and leaves nothing behind', async () => {
    await using rig = await serviceRig();
    await using other = await dataRig();
    const options = { bind: '127.0.0.1', repPort: 0, pubPort: 0, oneFrame: false };
    const context = { streams: other.data, zeroMq, report: () => undefined };
    const taken = rig.service.repPort;
    await expect(serve({ ...options, repPort: taken }, context)).rejects.toThrow(
      expect.objectContaining({ code: 'service/port-taken', message: `port ${taken} is taken (--rep-port)` }),
    );
    await expect(serve({ ...options, pubPort: taken }, context)).rejects.toThrow(
      expect.objectContaining({ code: 'service/port-taken', message: `port ${taken} is taken (--pub-port)` }),
    );
  });

  test.each(['0.0.0.0', '192.0.2.1', '::', 'example.org'])('refuses to listen on %s', async (bind) => {
    await using rig = await dataRig();
    const context = { streams: rig.data, zeroMq, report: () => undefined };
    await expect(serve({ bind, repPort: 0, pubPort: 0, oneFrame: false }, context)).rejects.toThrow(
      expect.objectContaining({ code: 'service/exposed' }),
    );
  });

  test('says why where there is no ZeroMQ', async () => {
    await using rig = await dataRig();
    const nowhere = { open: async () => ({ available: false, reason: 'no build for this system' }) as const };
    const context = { streams: rig.data, zeroMq: nowhere, report: () => undefined };
    await expect(serve({ bind: '127.0.0.1', repPort: 0, pubPort: 0, oneFrame: false }, context)).rejects.toThrow(
      expect.objectContaining({ code: 'service/unavailable', message: 'no ZeroMQ here: no build for this system' }),
    );
  });

  test('that is told to stop answers what is in flight, and publishes it', async () => {
    await using rig = await serviceRig({ engine: directory });
    const events = await rig.subscribe('n');
    const dealer = rig.dealer();
    for (let count = 0; count < 50; count++) await dealer.send(`=====PUT n ${count}\n\tx`);
    expect(String(await dealer.receive())).toBe('OK');
    const answered = (async () => {
      let oks = 1;
      for (; oks < 50; oks++) if (String(await dealer.receive()) !== 'OK') break;
      return oks;
    })();
    await rig.service.stop();
    await rig.service.ended;
    const { length } = (await rig.data.list('n')).map(({ stream }) => stream);
    dealer.receiveTimeout = 500;
    for (let count = 0; count < length; count++) expect(String((await events.receive())[0])).toMatch(/^n \d+$/);
    // What was taken was answered: each stream that is there has its OK, and there is no other.
    await expect(Promise.race([answered, rig.context.clock.sleep(2000).then(() => length)])).resolves.toBe(length);
  });
});

describe('a client', () => {
  test.skipIf(!hasTool('/usr/bin/python3', ['-c', 'import zmq'], 'python3-zmq'))(
    'in plain Python puts and gets any bytes, and learns what is wrong',
    async () => {
      await using rig = await serviceRig();
      const env = { ...process.env, RESTAGE_STACKED: `tcp://127.0.0.1:${rig.service.repPort}` };
      const python = async (args: readonly string[], input: Buffer = Buffer.alloc(0)) => {
        const child = spawn('/usr/bin/python3', ['docs/clients/stacked.py', ...args], { env });
        const out: Buffer[] = [];
        const err: Buffer[] = [];
        child.stdout.on('data', (part: Buffer) => out.push(part));
        child.stderr.on('data', (part: Buffer) => err.push(part));
        child.stdin.end(input);
        const [status] = (await once(child, 'close')) as [number];
        return { status, out: Buffer.concat(out), err: Buffer.concat(err).toString() };
      };
      const all = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256));
      for (const content of [Buffer.from('one\n\n=====two\r\n'), Buffer.from('no newline'), all, Buffer.alloc(0)]) {
        expect(await python(['put', 'raw qplan'], content)).toMatchObject({ status: 0, err: '' });
        expect((await python(['get', 'qplan raw'])).out).toEqual(content);
      }
      const [, second] = await rig.data.log({ stream: 'qplan raw', limit: 5 });
      expect((await python(['get', 'raw qplan', second?.version.slice(0, 5) ?? ''])).out).toEqual(all);
      expect(await python(['get', 'qplan rwa'])).toMatchObject({
        status: 1,
        err: 'ERROR: 404 no stream "qplan rwa"; did you mean "qplan raw"?\n',
      });
    },
  );

  test('that goes away in the middle of its requests harms nobody', async () => {
    await using rig = await serviceRig();
    const run = promisify(execFile);
    const script = `
      const { Dealer } = await import('zeromq');
      const dealer = new Dealer();
      dealer.connect('tcp://127.0.0.1:${rig.service.repPort}');
      for (let count = 0; count < 100; count++) await dealer.send('=====PUT half\\n\\t' + count);
      await dealer.receive();
      process.kill(process.pid, 'SIGKILL');`;
    await expect(run(process.execPath, ['--input-type=module', '-e', script])).rejects.toMatchObject({
      signal: 'SIGKILL',
    });
    expect((await rig.ask('=====PUT whole\n\tx')).toString()).toBe('OK');
    expect((await rig.ask('=====GET whole')).toString()).toMatch(/\tx$/);
    expect(rig.reports).toEqual([]);
  });
});
