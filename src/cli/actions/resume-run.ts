import { changeBatch } from '../../lib/batch/pausing/by-person.ts';
import type { Batch } from '../../lib/core/batch/batch.ts';
import { tryNow } from '../../lib/core/gate/decide-gate.ts';
import type { Stores } from '../../library/wiring/stores.ts';
import { whoAmI } from '../../library/wiring/who.ts';

/**
 * A person who repeats `run` has seen why the last one stopped. So a blocked gate lets one call try at once, and on a
 * private server, where only `run` works, a paused batch continues, unless its sessions are used up. A gate
 * that is closed because the API asked to wait stays closed.
 */
export async function resumeRun(stores: Stores, batch: Batch, isPrivate: boolean): Promise<void> {
  if (batch.state === 'paused' && isPrivate && !batch.isAtLimit) {
    const act = { who: whoAmI(), reason: null };
    await changeBatch({ ...stores, now: Date.now }, batch, 'resume', act);
  }
  await stores.gateStore.update(({ gate, nowMs }) => ({
    gate: gate.mode === 'blocked' ? tryNow(gate, nowMs) : gate,
    result: undefined,
  }));
}
