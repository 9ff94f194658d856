import { expect, test } from 'vitest';
import { listenOnLoopback, type HttpAnswer } from '../../src/platform/http-server.ts';

test('answers, hangs, drops and fails as its handler says, and is silent once closed', async () => {
  const answers: Readonly<Record<string, HttpAnswer>> = {
    '/text': { status: 201, body: 'hello' },
    '/drop': 'drop',
    '/hang': 'hang',
  };
  const server = await listenOnLoopback(0, async ({ path, method, query, body }) => {
    if (path === '/echo')
      return { status: 200, body: `${method} ${query.get('q') ?? ''} ${(await body()).toString()}` };
    const answer = answers[path];
    if (!answer) throw new Error('a bug');
    return answer;
  });
  const at = (path: string) => `http://127.0.0.1:${server.port}${path}`;
  const text = await fetch(at('/text'));
  expect([text.status, await text.text()]).toEqual([201, 'hello']);
  expect(await (await fetch(at('/echo?q=1'), { method: 'POST', body: 'b' })).text()).toBe('POST 1 b');
  expect((await fetch(at('/other'))).status).toBe(500);
  await expect(fetch(at('/drop'))).rejects.toThrow();
  await expect(fetch(at('/hang'), { signal: AbortSignal.timeout(100) })).rejects.toThrow();

  await using second = await listenOnLoopback(server.port, async () => 'drop');
  expect(second.port, 'a port that is taken means another one').not.toBe(server.port);
  await Promise.all([server.close(), server.close()]);
  await expect(fetch(at('/text'))).rejects.toThrow();
});
