import type { ChainableCommander, Redis } from 'ioredis';

/** This many replies are parsed in a few ms, so that other requests are answered in between. */
const COMMANDS = 500;

/** One command for each item, in order; a command that fails yields its error. */
export async function inPipelines<Item>(
  redis: Redis,
  items: readonly Item[],
  add: (pipeline: ChainableCommander, item: Item) => ChainableCommander,
): Promise<unknown[]> {
  const replies: unknown[] = [];
  for (let start = 0; start < items.length; start += COMMANDS) {
    const pipeline = redis.pipeline();
    for (const item of items.slice(start, start + COMMANDS)) add(pipeline, item);
    const some = (await pipeline.exec()) ?? [];
    replies.push(...some.map(([error, reply]) => error ?? reply));
  }
  return replies;
}
