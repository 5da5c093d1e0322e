import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { inject, onTestFinished } from 'vitest';

/** The Redis of this test run, shared with every other test: keep to a prefix of your own. */
export function testRedisUrl(): string {
  return inject('redisUrl');
}

/**
 * A key prefix that no other test has. The braces are a Redis hash tag, so that all its keys are in one slot of a
 * cluster, which BullMQ requires. Remove its keys with `removeKeys`.
 */
export function uniquePrefix(): string {
  return `{test-${randomUUID()}}`;
}

/** A `uniquePrefix` whose keys go when the present test has finished, however it ended. */
export function prefixForTest(): string {
  const prefix = uniquePrefix();
  onTestFinished(() => removeKeys(prefix));
  return prefix;
}

/** Removes every key that starts with `prefix`, and no other. May run twice. */
export async function removeKeys(prefix: string, url = testRedisUrl()): Promise<void> {
  const redis = new Redis(url);
  try {
    const match = `${prefix.replace(/[\\*?[\]^-]/g, '\\$&')}*`;
    for await (const keys of redis.scanStream({ match, count: 1_000 })) {
      if (keys.length > 0) await redis.unlink(...keys);
    }
  } finally {
    redis.disconnect();
  }
}
