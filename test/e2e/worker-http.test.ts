import { expect } from 'vitest';
import { tell } from '../setup/redis/redis-groups.ts';
import { klingManifest, test, type Workplace } from './e2e-test.ts';

/** A worker that has been asked for its address. */
async function startServing(place: Workplace) {
  const worker = place.start(['worker', '--worker-http-port', '0']);
  await worker.waitForText('worker listens');
  const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(worker.stderrSoFar()) ?? [];
  return { worker, ask: async (path: string, init?: RequestInit) => await fetch(url + path, init) };
}

test('a worker reports its health and its work over HTTP, and says when it cannot work', async ({
  place,
}) => {
  await place.api();
  const redis = await place.redis();
  const { worker, ask } = await startServing(place);
  await place.write('clips.csv', klingManifest(30));
  expect(await place.cli(['import', 'clips.csv', '--wait'])).toMatchObject({ exitCode: 0 });

  expect((await ask('/healthz')).status).toBe(200);
  expect((await ask('/readyz')).status).toBe(200);
  expect((await ask('/elsewhere')).status).toBe(404);
  expect((await ask('/metrics', { method: 'POST' })).status).toBe(405);
  await expect
    .poll(async () => await (await ask('/metrics')).text(), { timeout: 20_000, interval: 500 })
    .toContain('kling_sessions_rows_ended_total{outcome="succeeded"} 30\n');
  const metrics = await ask('/metrics');
  expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await metrics.text();
  expect(text).toContain('kling_sessions_calls_total{answer="opened"} 30\n');
  expect(text).toContain('kling_sessions_call_duration_seconds_count 30\n');
  expect(text).toContain('kling_sessions_workers 1\n');
  expect(text).not.toContain('clips-');

  await redis.kill();
  const unready = await ask('/readyz');
  expect([unready.status, await unready.text()]).toEqual([503, 'Redis does not answer.\n']);
  expect((await ask('/healthz')).status).toBe(200);
  await worker[Symbol.asyncDispose]();
});

test('a worker that waits for a right in Redis says so until it has it again', async ({
  place,
}) => {
  await place.api();
  const { url, port } = await place.redis();
  await tell(url, 'ACL', 'SETUSER', 'kling', 'on', '>password', '~*', '&*', '+@all');
  place.env.REDIS_URL = `redis://kling:password@127.0.0.1:${port}`;
  const { worker, ask } = await startServing(place);

  await tell(url, 'ACL', 'SETUSER', 'kling', '-evalsha');
  await worker.waitForText('redis refuses a right');
  const waiting = await ask('/readyz');
  await tell(url, 'ACL', 'SETUSER', 'kling', '+evalsha');
  await worker.waitForText('redis is back');

  expect(waiting.status).toBe(503);
  expect(await waiting.text()).toMatch(/^It waits for Redis: NOPERM .*'evalsha' command\.\n$/);
  expect((await ask('/readyz')).status).toBe(200);
});

test('a port that another program uses ends the worker with one sentence', async ({ place }) => {
  await place.api();
  await place.redis();
  const { ask } = await startServing(place);
  const port = new URL((await ask('/healthz')).url).port;
  const second = await place.cli(['worker', '--worker-http-port', port]);
  expect(second.exitCode).toBe(2);
  expect(second.stderr).toContain(`The worker cannot listen on 127.0.0.1, port ${port}`);
});
