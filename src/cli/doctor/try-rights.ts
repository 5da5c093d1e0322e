import type { Redis } from 'ioredis';
import { duplicateConnection } from '../../lib/redis/connection.ts';
import { repliesOf } from '../../lib/redis/replies.ts';
import { isMissingRight, redisReason } from '../../lib/redis/trouble.ts';
import type { Keys } from '../../lib/store/keys.ts';
import type { Finding } from './finding.ts';

/** The shortest wait that Redis supports, which counts in milliseconds. */
const BLOCKING_WAIT_S = 0.01;

type Use = readonly [what: string, use: (redis: Redis, key: string) => Promise<unknown>];

/** One small command for each right that the program and BullMQ need, with a key and a channel of this program. */
const USES: readonly Use[] = [
  ['write a key', (redis, key) => redis.set(key, '1', 'PX', 10_000)],
  ['read a key', (redis, key) => redis.get(key)],
  ['run a script', (redis, key) => redis.eval("return redis.call('GET', KEYS[1])", 1, key)],
  ['run a transaction', (redis, key) => repliesOf(redis.multi().get(key))],
  ['wait for a job', (redis, key) => redis.bzpopmin(`${key}:jobs`, BLOCKING_WAIT_S)],
  ['write a stream', (redis, key) => redis.xadd(`${key}:events`, 'MAXLEN', 1, '*', 'a', 'b')],
  ['publish', (redis, key) => redis.publish(key, '')],
  ['delete a key', (redis, key) => redis.del(key, `${key}:events`)],
];

/** Tries every right that is needed. The message names each one that this user lacks. */
export async function tryRights(redis: Redis, keys: Keys): Promise<Finding> {
  const key = `${keys.bullmq}:doctor:${process.pid}`;
  const refused: string[] = [];
  for (const [what, use] of USES) {
    const reason = await refusalOf(() => use(redis, key));
    if (reason !== null) refused.push(`${what} (${reason})`);
  }
  const reason = await refusalOf(() => trySubscribing(redis, key));
  if (reason !== null) refused.push(`subscribe (${reason})`);
  return refused.length === 0
    ? { name: 'rights', grade: 'good', message: 'keys, scripts, blocking waits and channels' }
    : {
        name: 'rights',
        grade: 'bad',
        message: `This Redis user may not ${refused.join('; ')}.`,
      };
}

async function trySubscribing(redis: Redis, channel: string): Promise<void> {
  const subscriber = duplicateConnection(redis, 'kling-sessions-doctor-channel');
  try {
    await subscriber.subscribe(channel);
  } finally {
    subscriber.disconnect();
  }
}

/** The words of Redis when it refuses the right; null when the command succeeded. Other errors are thrown. */
async function refusalOf(use: () => Promise<unknown>): Promise<string | null> {
  try {
    await use();
    return null;
  } catch (error) {
    if (error instanceof Error && isMissingRight(error)) return redisReason(error);
    throw error;
  }
}
