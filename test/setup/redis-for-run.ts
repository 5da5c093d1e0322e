// Global set-up of the projects that need Redis: one server for the whole run.

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
  process.stdout.write(`Redis for the ${project.name} tests: ${redis.description}\n`);
  project.provide('redisUrl', redis.url);
}

export async function teardown(): Promise<void> {
  await redis?.[Symbol.asyncDispose]();
}
