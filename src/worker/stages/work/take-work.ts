import type { RowJob } from '../../../lib/queue/jobs.ts';
import type { WorkerContext } from '../../worker-context.ts';
import { takeRenewal } from './renewal-work.ts';
import { type NotNow, takeRow } from './row-work.ts';
import type { SessionWork } from './session-work.ts';

/** Takes the row of a job as its kind of work. */
export const takeWork = async (
  context: WorkerContext,
  job: RowJob,
): Promise<{ kind: 'taken'; work: SessionWork } | NotNow> =>
  job.renews ? await takeRenewal(context, job) : await takeRow(context, job);
