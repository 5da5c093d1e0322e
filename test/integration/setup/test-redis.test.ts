import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openTestRedis } from '../../setup/redis/test-redis.ts';

it('the test run prefers the server that TEST_REDIS_URL names', async () => {
  await using redis = await openTestRedis({
    TEST_REDIS_URL: 'redis://127.0.0.1:1',
    DOCKER_HOST: 'unix:///nowhere/docker.sock',
  });
  expect(redis.url).toBe('redis://127.0.0.1:1');
});

it('the test run starts a local server if there is no container engine, and stops it', async () => {
  const env = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
  const redis = await openTestRedis(env);
  const client = new Redis(redis.url, { retryStrategy: () => null });
  client.on('error', () => {});
  expect(await client.ping()).toBe('PONG');
  const closed = once(client, 'end');
  await redis[Symbol.asyncDispose]();
  await closed;
  expect(redis.description).toMatch(/^a local redis-server/);
});

it('the test run skips a container engine that does not work', async () => {
  const env = await startUselessEngine();
  vi.stubEnv('DOCKER_HOST', env.DOCKER_HOST);
  await using redis = await openTestRedis(env);
  expect(redis.description).toMatch(/^a local redis-server/);
});

/** A container engine that says it is there and then fails at everything. */
async function startUselessEngine(): Promise<{ DOCKER_HOST: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'engine-'));
  const socket = join(folder, 'docker.sock');
  const engine = createServer((request, response) => {
    response.writeHead(request.url === '/_ping' ? 200 : 500).end('{"message":"no"}');
  }).listen(socket);
  await once(engine, 'listening');
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    engine.closeAllConnections();
    engine.close();
    await rm(folder, { recursive: true });
  });
  return { DOCKER_HOST: `unix://${socket}` };
}
