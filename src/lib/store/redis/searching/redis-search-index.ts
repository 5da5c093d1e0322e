import type { Redis } from 'ioredis';
import { chunkOfRow, firstRowOfChunk } from '../../../core/batch/chunk.ts';
import type { Outcome } from '../../../core/row/outcome.ts';
import type { Keys } from '../../keys.ts';
import type { BatchLabel, RowPlace, SearchIndex } from '../../search-index.ts';
import { rowsInSet, setOfSession } from '../packing/latest-sessions.ts';
import { unpackKept } from '../packing/pack-kept.ts';
import { mentionOfSession, mentionsOfId } from '../packing/pack-outcome.ts';
import { RedisPart } from '../redis-part.ts';
import { BatchLabels } from './batch-labels.ts';
import { inPipelines } from './in-pipelines.ts';

/** The search on Redis. */
export class RedisSearchIndex extends RedisPart implements SearchIndex {
  readonly #labels: BatchLabels;

  constructor(redis: Redis, keys: Keys) {
    super(redis, keys);
    this.#labels = new BatchLabels(redis, keys);
  }

  async listLabels(): Promise<BatchLabel[]> {
    return await this.#labels.list();
  }

  async countCode(batchIds: readonly string[], code: string): Promise<number[]> {
    const counts = await inPipelines(this.redis, batchIds, (pipeline, id) =>
      pipeline.hget(this.keys.errors(id), `n:${code}`),
    );
    return counts.map((count) => (/^\d{1,15}$/.test(String(count)) ? Number(count) : 0));
  }

  async findSession(batchIds: readonly string[], sessionId: string): Promise<RowPlace[]> {
    const rows = await inPipelines(this.redis, batchIds, (pipeline, id) =>
      pipeline.hget(this.keys.batch(id), 'rows'),
    );
    const sizes = batchIds.map((batchId, at) => ({ batchId, rows: Number(rows[at]) || 0 }));
    const sets = await inPipelines(this.redis, sizes, (pipeline, { batchId, rows: count }) => {
      const { start, end } = setOfSession(sessionId, count);
      return pipeline.getrangeBuffer(this.keys.latestSessions(batchId), start, end);
    });
    const places = sizes.flatMap(({ batchId }, at) => {
      const set = sets[at];
      return Buffer.isBuffer(set) ? rowsInSet(set).map((row) => ({ batchId, row })) : [];
    });
    const outcomes = await inPipelines(this.redis, places, (pipeline, { batchId, row }) =>
      pipeline.hget(this.keys.outcomes(batchId, chunkOfRow(row)), String(row)),
    );
    const mention = mentionOfSession(sessionId);
    return places.filter((_, at) => String(outcomes[at]).includes(mention));
  }

  async findInOutcomes(batchId: string, chunk: number, id: string): Promise<number[]> {
    // Read first, because an outcome may move from the block to the others.
    const kept = await this.#findInKept(batchId, chunk, id);
    const keys = [this.keys.outcomes(batchId, chunk), this.keys.earlier(batchId, chunk)];
    const found = await inPipelines(this.redis, keys, (pipeline, key) => pipeline.hgetall(key));
    const mentions = mentionsOfId(id);
    const rows = found.flatMap((texts) =>
      texts instanceof Error
        ? []
        : Object.entries(texts as Record<string, string>).flatMap(([row, text]) =>
            mentions.some((mention) => text.includes(mention)) ? [Number(row)] : [],
          ),
    );
    return [...new Set([...rows, ...kept])].toSorted((one, other) => one - other);
  }

  async #findInKept(batchId: string, chunk: number, id: string): Promise<number[]> {
    const block = await this.redis.getBuffer(this.keys.keptBlock(batchId, chunk));
    if (block === null) return [];
    const outcomes = await unpackKept(block, firstRowOfChunk(chunk));
    return [...outcomes].flatMap(([row, outcome]) => (namesId(outcome, id) ? [row] : []));
  }
}

/** What `mentionsOfId` finds in the text of an outcome. */
const namesId = ({ session, requestId, failedAttempts = [] }: Outcome, id: string): boolean =>
  session?.id === id ||
  requestId === id ||
  failedAttempts.some((attempt) => attempt.requestId === id);
