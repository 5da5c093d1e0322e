import { loadScript } from '../../redis/script.ts';
import type { HistoryEntry } from '../batch-steering.ts';
import { readHistoryEntry, writeHistoryEntry } from './packing/history-entry.ts';
import { RedisPart } from './redis-part.ts';

const addToAudit = loadScript(new URL('./lua/', import.meta.url), 'add-to-audit', {
  keys: ['audit'],
  args: ['entry', 'keptEntries'],
});

const KEPT = 1_000;

/** Who changed what outside any single batch: the gate, its limits, schedules. The last 1000 changes are kept. */
export class AuditLog extends RedisPart {
  async add(what: HistoryEntry): Promise<void> {
    const given = { entry: writeHistoryEntry(what), keptEntries: KEPT };
    await addToAudit.run(this.redis, { audit: this.keys.audit }, given);
  }

  /** Newest first. `limit`: default all. */
  async read(limit = KEPT): Promise<HistoryEntry[]> {
    const texts = await this.redis.lrange(this.keys.audit, 0, limit - 1);
    return texts.map(readHistoryEntry);
  }
}
