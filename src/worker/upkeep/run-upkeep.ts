import { keepToWindow, type WindowContext } from '../../lib/batch/pausing/by-window.ts';
import type { GateStore } from '../../lib/gate/gate-store.ts';
import { isRedisTrouble } from '../../lib/redis/trouble.ts';
import { every } from './every.ts';
import { passOver } from './pass-over.ts';
import { type BatchNoticeContext, sendBatchNotices } from './send-batch-notices.ts';
import { sendGateNotice } from './send-gate-notice.ts';
import { type DeadlineContext, watchDeadlines } from './watch-deadlines.ts';
import { LateRenewals } from './watch-renewals.ts';

export interface UpkeepContext extends BatchNoticeContext, WindowContext, DeadlineContext {
  gateStore: GateStore;
  /** Whether this worker is the leader, which does the upkeep for all. */
  isLeader: () => Promise<boolean>;
}

const WATCH_MS = 5_000;
/** A forecast reads every batch and may be a few seconds old. */
const LOOKS_PER_FORECAST = 6;

/**
 * The periodic work of a worker: it sends notices about batches, a blocked gate, deadlines and sessions that expire
 * unrenewed, and keeps batches to their windows.
 */
export interface Upkeep extends Disposable {
  /** Sends pending notices now, whether or not this worker is the leader. */
  look(): Promise<void>;
}

type Duty = (context: UpkeepContext) => Promise<void>;

const keepWindows: Duty = async (context) => {
  for await (const batch of context.watch.listArranged()) {
    await passOver(context.log, batch.id, () => keepToWindow(context, batch));
  }
};

/** Looks every 5 s until disposed. */
export function runUpkeep(context: UpkeepContext): Upkeep {
  const carryOut = async (duties: Duty[]): Promise<void> => {
    for (const duty of duties) {
      // If one task fails, the others still run.
      await duty(context).catch((error: unknown) => {
        if (!isRedisTrouble(error)) context.log.error({ err: error }, 'watch failed');
      });
    }
  };
  const renewals = new LateRenewals({ ...context, overview: context.paceSources.overview });
  const watchRenewals: Duty = () => renewals.look();
  let looks = 0;
  const lookInTurn = async (): Promise<void> => {
    if (!(await context.isLeader())) return;
    const forecast = looks % LOOKS_PER_FORECAST === 0 ? [watchDeadlines, watchRenewals] : [];
    looks += 1;
    await carryOut([sendBatchNotices, sendGateNotice, keepWindows, ...forecast]);
  };
  const repeated = every(WATCH_MS, lookInTurn, {
    onError: (error) => context.log.error({ err: error }, 'watch failed'),
  });
  return {
    look: () => carryOut([sendBatchNotices, sendGateNotice]),
    [Symbol.dispose]: () => repeated[Symbol.dispose](),
  };
}
