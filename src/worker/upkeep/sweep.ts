import type { Logger } from 'pino';
import { findLostWork, type LostWork, putBack } from '../../lib/batch/repair-batch.ts';
import type { Batch } from '../../lib/core/batch/batch.ts';
import type { Queues } from '../../lib/queue/queues.ts';
import type { BatchOverview, BatchRecord } from '../../lib/store/batch-overview.ts';
import type { BatchStore } from '../../lib/store/batch-store.ts';
import { every } from './every.ts';
import { logOnce } from './log-once.ts';
import { passOver } from './pass-over.ts';

export interface SweepContext {
  overview: BatchOverview;
  store: BatchStore;
  queues: Queues;
  /** Whether this worker is the leader, which sweeps for all. */
  isLeader: () => Promise<boolean>;
  log: Logger;
}

const SWEEP_MS = 10_000;

/**
 * Finds rows and batches that have lost their job: Redis may lose a second of writes at a crash, and a process may
 * die between two writes. If the previous look found exactly the same, the job is put back; anything newer is
 * probably just on its way.
 */
export class Sweep {
  readonly #context: SweepContext;
  #seen = new Set<string>();

  constructor(context: SweepContext) {
    this.#context = context;
  }

  async sweep(): Promise<void> {
    const { overview, isLeader, log } = this.#context;
    const seen = new Set<string>();
    if (await isLeader()) {
      for await (const record of overview.listRecords()) {
        if (record.kind === 'unreadable') this.#reportUnreadable(record);
        else await passOver(log, record.batch.id, () => this.#look(record.batch, seen));
      }
    }
    this.#seen = seen;
  }

  #reportUnreadable({ id: batch, reason }: Extract<BatchRecord, { kind: 'unreadable' }>): void {
    const { log } = this.#context;
    logOnce(log, `${batch} ${reason}`, () => log.error({ batch, reason }, 'batch cannot be read'));
  }

  async #look(batch: Batch, seen: Set<string>): Promise<void> {
    const found = await findLostWork(this.#context, batch);
    const isOld = (mark: string): boolean => {
      seen.add(mark);
      return this.#seen.has(mark);
    };
    const rows = [...found.rows].filter(([row, progress]) =>
      isOld(`${batch.id}-${row} ${JSON.stringify(progress)}`),
    );
    const lacksDispatch = found.lacksDispatch && isOld(`${batch.id} is not dispatched`);
    await this.#putBack(batch, { rows: new Map(rows), lacksDispatch });
  }

  async #putBack(batch: Batch, lost: LostWork): Promise<void> {
    const { rows, lacksDispatch } = lost;
    if (rows.size === 0 && !lacksDispatch) return;
    await putBack(this.#context, batch, lost);
    const fields = { batch: batch.id, rows: rows.size, lacksDispatch };
    this.#context.log.warn(fields, 'lost work put back');
  }
}

/** Sweeps every 10 s until disposed. */
export function keepSweeping(context: SweepContext): Disposable {
  const sweep = new Sweep(context);
  return every(SWEEP_MS, () => sweep.sweep(), {
    onError: (error) => context.log.error({ err: error }, 'sweep failed'),
  });
}
