// Global set-up of the projects that need Redis: one server for the whole run.

import { Redis } from 'ioredis';
import type { TestProject } from 'vitest/node';
import { openTestRedis, type TestRedis } from './test-redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    redisUrl: string;
  }
}

let redis: TestRedis | undefined;

export async function setup(project: TestProject): Promise<void> {
  redis = await openTestRedis(process.env);
  await checkAnswers(redis);
  process.stdout.write(`Redis for the ${project.name} tests: ${redis.description}\n`);
  project.provide('redisUrl', redis.url);
}

export async function teardown(): Promise<void> {
  await redis?.[Symbol.asyncDispose]();
}

/** One message now instead of a time-out in every test. */
async function checkAnswers({ url, description }: TestRedis): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  let cause: unknown;
  client.on('error', (error) => {
    cause = error;
  });
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    throw new Error(`Redis does not answer (${description})`, { cause: cause ?? error });
  } finally {
    client.disconnect();
  }
}
