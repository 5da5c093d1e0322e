import { mkdir, readdir } from 'node:fs/promises';
import { describe, expect } from 'vitest';
import { klingManifest, test } from '../e2e/e2e-test.ts';
import { startPrivateRedis } from '../setup/redis/private-redis.ts';
import { startTcpProxy } from './tcp-proxy.ts';

describe.concurrent('worker', () => {
  test('a worker that gets SIGTERM while it starts shuts down', async ({ place }) => {
    const redis = await place.redis();
    await place.api();
    await using proxy = await startTcpProxy(redis.port, { isShut: true });
    const env = { REDIS_URL: `redis://127.0.0.1:${proxy.port}` };
    const worker = place.start(['worker'], { env });
    await proxy.connected;
    worker.kill('SIGTERM');
    await worker.waitForText('worker stopping');
    proxy.open();
    expect((await worker.result()).exitCode).toBe(0);
  });

  test('a worker that cannot start gives the reason and leaves nothing behind', async ({
    place,
  }) => {
    await using primary = await startPrivateRedis();
    await place.redis(['--replicaof', `127.0.0.1 ${primary.port}`]);
    await place.api();
    await mkdir(place.path('tmp'));
    const worker = await place.cli(['worker'], { env: { TMPDIR: place.path('tmp') } });
    expect(worker).toMatchObject({ exitCode: 75, stderr: expect.stringContaining('READONLY') });
    expect(await readdir(place.path('tmp'))).toEqual([]);
  });

  test('a worker that gets SIGTERM while Redis is down exits when its grace period is over', async ({
    place,
  }) => {
    const redis = await place.redis();
    const api = await place.api({ delayMs: 200 });
    await place.write('clips.csv', klingManifest(50));
    await place.cli(['import', 'clips.csv']);
    const worker = place.start(['worker'], { env: { SHUTDOWN_GRACE: '500ms' } });
    await api.waitForCalls(5);
    await redis.kill();
    const toldAtMs = Date.now();
    worker.kill('SIGTERM');
    expect((await worker.result()).exitCode).toBe(0);
    expect(Date.now() - toldAtMs).toBeLessThan(10_000);
  });

  test('a worker that was frozen for longer than its lock overwrites nothing when it continues', async ({
    place,
  }) => {
    await place.redis();
    const api = await place.api({ delayMs: 2_000 });
    await place.write('clips.csv', klingManifest(1));
    const id = (await place.cli(['import', 'clips.csv'])).stdout.trim();
    const frozen = place.start(['worker'], { env: { LOG_LEVEL: 'debug' } });
    await api.waitForCalls(1);
    frozen.kill('SIGSTOP');
    place.start(['worker']);
    const end = await place.cli(['import', 'clips.csv', '--wait', '--json']);
    const before = (await place.cli(['results', id])).stdout;
    frozen.kill('SIGCONT');
    await frozen.waitForText('session opened');
    frozen.kill('SIGTERM');
    await frozen.result();
    expect(JSON.parse(end.stdout).batch).toMatchObject({
      possibleOrphans: 1,
      counts: { succeeded: 1 },
    });
    expect((await place.cli(['results', id])).stdout).toBe(before);
    expect(api.calls).toHaveLength(2);
    expect((await place.cli(['verify', id])).exitCode).toBe(0);
  });
});
