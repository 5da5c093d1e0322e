import type { SessionsLeft } from '../core/budget/day-left.ts';
import { sessionsOfDay } from '../core/gate/day-limit.ts';
import { type GateLimits, limitsInForce, limitsOfWorkers } from '../core/gate/gate.ts';
import type { BatchOverview } from '../store/batch-overview.ts';
import type { WorkerInfo } from '../store/redis/worker-registry.ts';
import type { GateStore } from './gate-store.ts';

/** What tells how many sessions of this day are left. */
export interface DaySources {
  gateStore: Pick<GateStore, 'read'>;
  overview: Pick<BatchOverview, 'readSessionsToday'>;
  listWorkers: () => Promise<WorkerInfo[]>;
  /** The limits where no worker runs. */
  ownLimits: GateLimits;
}

/** The sessions that this day may have, and those it has used; null without a limit, or without `sources`. */
export async function readSessionsLeft(sources: DaySources | null): Promise<SessionsLeft | null> {
  if (sources === null) return null;
  const [{ gate, nowMs }, workers] = await Promise.all([
    sources.gateStore.read(),
    sources.listWorkers(),
  ]);
  const policy = limitsOfWorkers(workers, sources.ownLimits);
  const perDay = sessionsOfDay(gate, limitsInForce(gate, policy), nowMs);
  if (perDay === 0) return null;
  const { used } = await sources.overview.readSessionsToday(nowMs);
  return { perDay, used };
}
