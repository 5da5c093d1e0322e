import type { HistoryEntry } from '../batch-steering.ts';
import { readHistoryEntry, writeHistoryEntry } from './packing/history-entry.ts';
import { RedisPart } from './redis-part.ts';

const KEPT = 1_000;

/** Who changed what belongs to no single batch: the gate, its limits, schedules. The last 1000 are kept. */
export class AuditLog extends RedisPart {
  async add(what: HistoryEntry): Promise<void> {
    await this.redis
      .multi()
      .lpush(this.keys.audit, writeHistoryEntry(what))
      .ltrim(this.keys.audit, 0, KEPT - 1)
      .exec();
  }

  /** Newest first. */
  async read(limit: number): Promise<HistoryEntry[]> {
    const texts = await this.redis.lrange(this.keys.audit, 0, limit - 1);
    return texts.map(readHistoryEntry);
  }
}
