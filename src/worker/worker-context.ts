import type { Logger } from 'pino';
import type { DayEnds } from '../lib/core/budget/session-day.ts';
import type { GatePolicy } from '../lib/core/gate/gate.ts';
import type { RetryPolicy } from '../lib/core/row/decide-next-step.ts';
import type { GateStore } from '../lib/gate/gate-store.ts';
import type { KlingClient } from '../lib/kling/kling-client.ts';
import type { Queues } from '../lib/queue/queues.ts';
import type { BatchSteering } from '../lib/store/batch-steering.ts';
import type { BatchStore } from '../lib/store/batch-store.ts';
import type { Ledger } from '../lib/store/redis/redis-ledger.ts';
import type { ProbeMemory } from '../lib/store/redis/redis-probe-memory.ts';
import type { RowsAside } from '../lib/store/redis/redis-rows-aside.ts';
import type { Shares } from '../lib/store/redis/redis-shares.ts';
import type { SessionRenewals } from '../lib/store/session-renewals.ts';
import type { Prober } from '../lib/video/prober.ts';
import type { GateKeeper } from './gate/gate-keeper.ts';
import type { BatchOptionsMemory } from './stages/work/batch-options-memory.ts';
import type { TroubleLog } from './upkeep/trouble-log.ts';
import type { WorkMeter } from './upkeep/work-meter.ts';

/** Shared by the stages of one worker process. */
export interface WorkerContext {
  store: BatchStore;
  steering: Pick<BatchSteering, 'addHistory' | 'pauseAtLimit' | 'pauseItself'>;
  renewals: SessionRenewals;
  shares: Shares;
  aside: RowsAside;
  ledger: Ledger;
  probeMemory: ProbeMemory;
  batchOptions: BatchOptionsMemory;
  queues: Queues;
  gateStore: GateStore;
  gate: GateKeeper;
  prober: Prober;
  kling: KlingClient;
  meter: WorkMeter;
  gatePolicy: GatePolicy;
  retryPolicy: RetryPolicy;
  /** Open gate time after which a row is given up, counted from its first call. `ROW_DEADLINE`, default 6 h. */
  rowDeadlineMs: number;
  /** The days of `SESSIONS_PER_DAY`. */
  dayEnds: (nowMs: number) => DayEnds;
  /** The clock of Redis, which all workers share: a machine's own may be wrong. */
  now: () => number;
  /** In [0, 1). */
  random: () => number;
  log: Logger;
  /** Trouble with Redis, now and a moment ago. */
  trouble: TroubleLog;
  /** First signal: take no new rows, finish the current ones. */
  stopping: AbortSignal;
  /** Second signal, or the grace period is over: return the current rows. */
  halting: AbortSignal;
}
