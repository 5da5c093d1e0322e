import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { it as base, expect } from 'vitest';
import {
  hasPrivateRedis,
  startPrivateRedis,
} from '../../../../src/cli/wiring/private-redis/private-redis.ts';

const it = base.extend<{ home: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of fixtures from the pattern
  home: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'kling-own-'));
    await use(join(folder, 'redis'));
    await rm(folder, { recursive: true });
  },
});

const USER = fileURLToPath(new URL('./use-private-redis.ts', import.meta.url));

async function ask<T>(url: string, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url.slice('unix://:'.length).split('@localhost')[1] ?? '', {
    password: url.slice('unix://:'.length).split('@')[0] ?? '',
    retryStrategy: () => null,
    maxRetriesPerRequest: null,
  });
  redis.on('error', () => undefined);
  try {
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}

/** Counts one more in the data, as a command would write there. */
const countUp = (url: string): Promise<number> => ask(url, (redis) => redis.incr('count'));

async function killServer(url: string): Promise<void> {
  const info = await ask(url, (redis) => redis.info('server'));
  process.kill(Number(/process_id:(\d+)/.exec(info)?.[1]), 'SIGKILL');
}

it('the private Redis keeps what was written until the next command, and leaves no server behind', async ({
  home,
}) => {
  expect(await hasPrivateRedis(home)).toBe(false);
  for (const expected of [1, 2]) {
    await using own = await startPrivateRedis(home);
    expect(own.wasRunning).toBe(false);
    expect(await countUp(own.url)).toBe(expected);
  }
  expect(await hasPrivateRedis(home)).toBe(true);
  expect(existsSync(join(home, 'redis.sock'))).toBe(false);
});

it('a command that stopped its server ends at once', async ({ home }) => {
  const command = fork(USER, [home], { execArgv: ['--import', 'tsx'] });
  expect(await once(command, 'exit')).toEqual([0, null]);
  expect(existsSync(join(home, 'redis.sock'))).toBe(false);
});

it('the private Redis is shared by commands at once; the last one stops it, in whatever order they end', async ({
  home,
}) => {
  const [first, second, third] = await Promise.all([
    startPrivateRedis(home),
    startPrivateRedis(home),
    startPrivateRedis(home),
  ]);
  const running = [first, second, third].filter(({ wasRunning }) => wasRunning);
  expect(running).toHaveLength(2);
  await first[Symbol.asyncDispose]();
  expect(await countUp(second.url)).toBe(1);
  await Promise.all([second[Symbol.asyncDispose](), third[Symbol.asyncDispose]()]);
  expect(existsSync(join(home, 'redis.sock'))).toBe(false);
});

it('the private Redis loses nothing and fails nobody while commands come and go', async ({
  home,
}) => {
  const comeAndGo = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1) {
      await using own = await startPrivateRedis(home);
      await countUp(own.url);
    }
  };
  await Promise.all(Array.from({ length: 6 }, () => comeAndGo(8)));
  await using own = await startPrivateRedis(home);
  expect(own.wasRunning).toBe(false);
  expect(await countUp(own.url)).toBe(6 * 8 + 1);
});

it('the private Redis is started again each time it is killed, once for all who use it', async ({
  home,
}) => {
  await using own = await startPrivateRedis(home);
  const another = await startPrivateRedis(home);
  const counted = (times: number): Promise<void> =>
    expect.poll(() => countUp(own.url).catch(() => null), { timeout: 20_000 }).toBe(times);
  for (const times of [1, 2, 3]) {
    await counted(times);
    await killServer(own.url);
  }
  await another[Symbol.asyncDispose]();
  await counted(4);
  await own[Symbol.asyncDispose]();
  expect(existsSync(join(home, 'redis.sock'))).toBe(false);
});
