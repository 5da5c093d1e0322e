import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Keys } from '../../keys.ts';
import type { BatchLabel } from '../../search-index.ts';
import { ignoreType } from '../reading/ignore-type.ts';
import { inPipelines } from './in-pipelines.ts';

const arrangements = z.object({
  schedule: z.string().nullable().catch(null),
  tags: z.array(z.string()).catch([]),
});

/**
 * Labels of all batches. Only those that are new since the last call are read; an id that was used again has another
 * time of creation.
 */
export class BatchLabels {
  readonly #redis: Redis;
  readonly #keys: Keys;
  #known = new Map<string, BatchLabel>();

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** Newest first. */
  async list(): Promise<BatchLabel[]> {
    const listed = await this.#redis.zrevrange(this.#keys.batches, 0, -1, 'WITHSCORES');
    const ids = listed.filter((_, at) => at % 2 === 0);
    const createdMs = listed.filter((_, at) => at % 2 === 1).map(Number);
    const isKnown = (id: string, at: number): boolean =>
      this.#known.get(id)?.createdAtMs === createdMs[at];
    const missing = ids.filter((id, at) => !isKnown(id, at));
    const read = new Map(await this.#read(missing));
    const labels = ids.flatMap((id, at) => {
      const label = read.get(id) ?? this.#known.get(id);
      return label === undefined ? [] : [{ ...label, createdAtMs: createdMs[at] ?? 0 }];
    });
    // Labels of batches that are gone are dropped here.
    this.#known = new Map(labels.map((label) => [label.id, label]));
    return labels;
  }

  async #read(ids: readonly string[]): Promise<[string, BatchLabel][]> {
    const found = await inPipelines(this.#redis, ids, (pipeline, id) =>
      pipeline.hmget(this.#keys.batch(id), 'name', 'arrangements'),
    );
    return ids.map((id, at) => [id, labelOf(id, found[at])]);
  }
}

/** No decision depends on a label, so a damaged field counts as none. */
function labelOf(id: string, reply: unknown): BatchLabel {
  const [name, stored] = reply instanceof Error ? ignoreType(reply) : (reply as (string | null)[]);
  return { id, createdAtMs: 0, name: name ?? '', ...readArrangements(stored ?? '') };
}

function readArrangements(text: string): z.output<typeof arrangements> {
  try {
    return arrangements.parse(JSON.parse(text));
  } catch {
    return { schedule: null, tags: [] };
  }
}
