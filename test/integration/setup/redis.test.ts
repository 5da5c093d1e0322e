import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startPrivateRedis } from '../../setup/redis/private-redis.ts';
import { prefixForTest, removeKeys, testRedisUrl, uniquePrefix } from '../../setup/redis/redis.ts';

function connect(url: string): Redis {
  const redis = new Redis(url);
  onTestFinished(() => redis.disconnect());
  return redis;
}

describe('Redis of the test run', () => {
  it('the Redis of the test run evicts nothing', async () => {
    const redis = connect(testRedisUrl());
    expect(await redis.config('GET', 'maxmemory-policy')).toContain('noeviction');
  });

  it('the Redis of the test run keeps the keys of other tests when one cleans up', async () => {
    const redis = connect(testRedisUrl());
    const [mine, other] = [uniquePrefix(), prefixForTest()];
    await redis.mset({ [`${mine}:a`]: 1, [`${mine}:b`]: 2, [`${other}:a`]: 3 });
    await removeKeys(mine);
    expect(await redis.exists(`${mine}:a`, `${mine}:b`)).toBe(0);
    expect(await redis.exists(`${other}:a`)).toBe(1);
  });

  it('cleaning up treats characters in a prefix literally, not as a pattern', async () => {
    const redis = connect(testRedisUrl());
    const prefix = prefixForTest();
    await redis.mset({ [`${prefix}[ab]*`]: 1, [`${prefix}a`]: 2 });
    await removeKeys(`${prefix}[ab]*`);
    expect(await redis.exists(`${prefix}[ab]*`)).toBe(0);
    expect(await redis.exists(`${prefix}a`)).toBe(1);
  });
});

describe('private Redis', () => {
  it('a private Redis keeps its data when it is killed and restarted', async () => {
    await using server = await startPrivateRedis(['--appendfsync', 'always']);
    const redis = connect(server.url);
    await redis.set('key', 'value');
    await server.kill();
    await server.restart();
    expect(await redis.get('key')).toBe('value');
  });

  it('a private Redis accepts its own settings', async () => {
    await using server = await startPrivateRedis(['--maxmemory', '5mb']);
    expect(await connect(server.url).config('GET', 'maxmemory')).toContain('5242880');
  });

  it("a private Redis shows the server's message if it does not start", async () => {
    await expect(startPrivateRedis(['--no-such-setting', 'x'])).rejects.toThrow(/Bad directive/);
  });
});
