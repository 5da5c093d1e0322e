import type { RowJob } from '../../../lib/queue/jobs.ts';
import type { JobResult } from '../../../lib/queue/queue-worker.ts';
import type { AsideCounter } from './aside-counter.ts';
import type { ProbeLanes } from './probe-lanes.ts';

/** A row with a longer delay waits for a server, not for another row of this program. */
const PUT_OFF_MS = 1_000;

/** Probes a row in its lane. While it waits for a slow server, or before it asks one again, it is set aside. */
export async function probeInLanes(
  { lanes, aside }: { lanes: ProbeLanes; aside: Pick<AsideCounter, 'add' | 'addFor'> },
  { batchId }: RowJob,
  probe: () => Promise<JobResult>,
): Promise<JobResult> {
  let putBack = (): void => undefined;
  try {
    const result = await lanes.run(probe, () => {
      putBack = aside.add(batchId);
    });
    if (result.kind === 'later' && result.delayMs >= PUT_OFF_MS) {
      aside.addFor(batchId, result.delayMs);
    }
    return result;
  } finally {
    putBack();
  }
}
