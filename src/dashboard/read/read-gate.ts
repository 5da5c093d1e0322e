import { explainGate } from '../../lib/core/gate/explain-gate.ts';
import { currentConcurrency, limitsInForce, limitsOfWorkers } from '../../lib/core/gate/gate.ts';
import type { GateReading } from '../../lib/gate/gate-store.ts';
import type { WorkerInfo } from '../../lib/store/redis/worker-registry.ts';
import type { GateView } from '../api/api-schemas.ts';
import type { DashboardPorts } from '../ports.ts';

/** The current gate, with the workers whose limits apply to it. */
export async function readGate({
  gateStore,
  listWorkers,
  overview,
  ownLimits: limitsWithoutWorkers,
}: Pick<DashboardPorts, 'gateStore' | 'listWorkers' | 'overview' | 'ownLimits'>): Promise<{
  reading: GateReading;
  workers: WorkerInfo[];
  view: GateView;
}> {
  const [reading, workers] = await Promise.all([gateStore.read(), listWorkers()]);
  const { gate, nowMs } = reading;
  const ownLimits = limitsOfWorkers(workers, limitsWithoutWorkers);
  const sentence = explainGate(gate, nowMs);
  const { used } = await overview.readSessionsToday(nowMs);
  const view = {
    ...gate,
    // After its time, a closed gate opens with the next call.
    mode: sentence === null ? ('open' as const) : gate.mode,
    sentence: sentence ?? 'The API is called as soon as rows are ready.',
    concurrency: currentConcurrency(gate, ownLimits),
    sessionsToday: used,
    limits: limitsInForce(gate, ownLimits),
    ownLimits,
  };
  return { reading, workers, view };
}
