import type { Batch } from '../../lib/core/batch/batch.ts';
import type { DashboardContext } from '../dashboard-env.ts';
import type { DashboardPorts } from '../ports.ts';
import { type Reply, refuseWith } from './api-route.ts';

/** The batch in a path's `:id`; refused when it does not exist. */
export async function withBatch<A>(
  { store }: Pick<DashboardPorts, 'store'>,
  context: DashboardContext,
  handle: (batch: Batch) => Promise<Reply<A>>,
): Promise<Reply<A>> {
  const batch = await store.readBatch(context.req.param('id') ?? '');
  return batch === null
    ? refuseWith({ kind: 'not_found', what: 'such batch' })
    : await handle(batch);
}
