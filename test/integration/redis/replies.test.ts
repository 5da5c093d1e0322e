import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { repliesOf } from '../../../src/lib/redis/replies.ts';
import { prefixForTest, testRedisUrl } from '../../setup/redis/redis.ts';

test.for(['pipeline', 'multi'] as const)(
  'a command that fails in the middle of a %s is an error',
  async (kind) => {
    const redis = new Redis(testRedisUrl());
    onTestFinished(() => redis.disconnect());
    const [text, list] = [`${prefixForTest()}:text`, `${prefixForTest()}:list`];
    const commands = redis[kind]() as ReturnType<Redis['pipeline']>;
    commands.set(text, 'a').rpush(text, 'b').rpush(list, 'c');
    await expect(repliesOf(commands)).rejects.toThrow('WRONGTYPE');
    expect(await redis.llen(list)).toBe(1);
  },
);

test('replies are in the order of their commands', async () => {
  const redis = new Redis(testRedisUrl());
  onTestFinished(() => redis.disconnect());
  const key = `${prefixForTest()}:count`;
  const replies = await repliesOf(redis.multi().set(key, '5').incrby(key, 2).get(key));
  expect(replies).toEqual(['OK', 7, '7']);
});
