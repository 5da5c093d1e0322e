import type { Redis } from 'ioredis';
import type { BatchRef } from '../../core/batch/batch.ts';
import { type Argument, loadScript } from '../../redis/script.ts';
import type { Keys } from '../keys.ts';

/** What a script answers when the batch was removed, even if another one has its id now. It has done nothing then. */
export const GONE = 'gone';

/** A script about one batch, which compares the incarnation in the same step. `KEYS[1]` is the batch. */
export interface BatchScript {
  /** `moreKeys` begin with `KEYS[2]`. */
  run(
    { redis, keys }: { redis: Redis; keys: Keys },
    batch: BatchRef,
    moreKeys: string[],
    args: Argument[],
  ): Promise<unknown>;
}

const LUA = new URL('./lua/', import.meta.url);

/** Reads `lua/<name>.lua` once; throws when there is no such file. */
export function loadBatchScript(name: string): BatchScript {
  const script = loadScript(LUA, 'guard', name);
  return {
    run: ({ redis, keys }, { id, incarnation }, moreKeys, args) =>
      script.run(redis, [keys.batch(id), ...moreKeys], [...args, incarnation]),
  };
}

/** For scripts that answer nil when there is nothing to do: a batch that is gone is no other case. */
export const nullWhenGone = (reply: unknown): unknown => (reply === GONE ? null : reply);
