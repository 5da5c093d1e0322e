import type { Redis } from 'ioredis';
import { type Batch, type BatchRef, formatRef, parseRef } from '../../core/batch/batch.ts';
import type { NoticeTarget } from '../../core/notice/notice-target.ts';
import type { ReportAttempt } from '../../core/report/batch-report.ts';
import type { BatchStore } from '../batch-store.ts';
import type { BatchWatch, PendingNotice } from '../batch-watch.ts';
import type { Keys } from '../keys.ts';
import { nullIfUnreadable } from '../unreadable-record.ts';
import { loadBatchScript } from './batch-script.ts';
import { storedNotify, storedReportAttempt } from './packing/batch-hash.ts';
import { RedisPart } from './redis-part.ts';
import { setFields } from './store-scripts.ts';

const PAGE = 100;
/** Batch, moment in ms, and what happened unless it ended. Anything else describes no event and is dropped. */
const UNTOLD = /^(\S+) (\d{1,16})(?: (paused_itself|report_wanted))?$/;

const noteReport = loadBatchScript('note-report', { keys: [], args: ['place', 'attempt'] });

/** The watch on Redis. */
export class RedisBatchWatch extends RedisPart implements BatchWatch {
  readonly #store: Pick<BatchStore, 'readBatch'>;

  constructor(redis: Redis, keys: Keys, store: Pick<BatchStore, 'readBatch'>) {
    super(redis, keys);
    this.#store = store;
  }

  async listPending(): Promise<PendingNotice[]> {
    const members = await this.redis.srandmember(this.keys.untold, PAGE);
    const damaged = members.filter((member) => !UNTOLD.test(member));
    if (damaged.length > 0) await this.redis.srem(this.keys.untold, ...damaged);
    return members.flatMap((member) => {
      const [, word = '', atMs, event = 'ended'] = UNTOLD.exec(member) ?? [];
      const what = event as PendingNotice['what'];
      return word === '' ? [] : [{ batch: parseRef(word), what, atMs: Number(atMs) }];
    });
  }

  async settle({ batch, what, atMs }: PendingNotice): Promise<void> {
    const member = `${formatRef(batch)} ${atMs}${what === 'ended' ? '' : ` ${what}`}`;
    await this.redis.srem(this.keys.untold, member);
  }

  async *listArranged(): AsyncIterable<Batch> {
    let cursor = '0';
    do {
      const [next, ids] = await this.redis.sscan(this.keys.arranged, cursor, 'COUNT', PAGE);
      for (const batch of await Promise.all(ids.map((id) => this.#tryRead(id)))) {
        if (batch !== null) yield batch;
      }
      cursor = next;
    } while (cursor !== '0');
  }

  /** The sweep reports a damaged record; here it must not keep other batches from being watched. */
  async #tryRead(id: string): Promise<Batch | null> {
    return await this.#store.readBatch(id).catch(nullIfUnreadable);
  }

  async readNotify(batchId: string): Promise<NoticeTarget | null> {
    const text = await this.redis.hget(this.keys.batch(batchId), 'notify');
    return text === null ? null : storedNotify.read(text);
  }

  async readReportPlace({ id, incarnation }: BatchRef): Promise<string | null> {
    const key = this.keys.batch(id);
    const [found, place] = await this.redis.hmget(key, 'incarnation', 'reportTo');
    return (found ?? '') === incarnation ? (place ?? null) : null;
  }

  async noteReport(batch: BatchRef, place: string, attempt: ReportAttempt | null): Promise<void> {
    const text = attempt === null ? '' : storedReportAttempt.write(attempt);
    await noteReport.run(this.place, batch, { place, attempt: text });
  }

  async noteRisk(batch: BatchRef, nowMs: number): Promise<void> {
    await setFields.run(this.place, batch, { fields: ['riskToldAtMs', nowMs] });
  }
}
