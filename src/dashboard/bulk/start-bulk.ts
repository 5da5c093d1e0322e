import type { BulkState } from '../../lib/bulk/bulk-action.ts';
import type { DashboardPorts } from '../ports.ts';
import { titleOf } from './describe-bulk.ts';

/** Starts a draft, once. Its state afterwards; null when there is none. */
export async function startBulk(
  { bulk, audit, wakeBulk, now }: DashboardPorts,
  id: string,
  who: string,
): Promise<BulkState | null> {
  const action = await bulk.read(id);
  if (action === null) return null;
  const state = await bulk.start(id);
  if (action.state === 'draft' && state === 'running') {
    const what = `bulk action ${id}: ${titleOf(action)}`;
    await audit.add({ atMs: now(), who, what, reason: action.reason });
  }
  wakeBulk();
  return state;
}
