import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { Queues } from '../../../src/lib/queue/queues.ts';
import { createKeys } from '../../../src/lib/store/keys.ts';
import { prefixForTest, testRedisUrl } from '../../setup/redis/redis.ts';

test('a command that uses no queue opens none, and one that uses a queue opens just that', async () => {
  const redis = new Redis(testRedisUrl(), { maxRetriesPerRequest: null });
  onTestFinished(() => redis.disconnect());
  const keys = createKeys(prefixForTest());
  // Opening a queue writes its settings.
  const listOpened = async (): Promise<string[]> => await redis.keys(`${keys.bullmq}:*:meta`);

  const unused = new Queues(redis, keys);
  await unused[Symbol.asyncDispose]();
  expect(await listOpened()).toEqual([]);

  const queues = new Queues(redis, keys);
  await queues.addDispatch({ batchId: 'b', incarnation: 'i', epoch: 0 });
  await queues[Symbol.asyncDispose]();
  expect(await listOpened()).toEqual([`${keys.bullmq}:dispatch:meta`]);
});
