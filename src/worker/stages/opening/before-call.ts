import { suspectIds } from '../../../lib/core/manifest/rounded-ids.ts';
import { type Ending, rejection } from '../../../lib/core/row/compose-outcome.ts';
import type { RowProgress } from '../../../lib/core/row/row-progress.ts';
import { judgeKlingSource } from '../../../lib/core/video/judge-kling-source.ts';
import type { RowJob } from '../../../lib/queue/jobs.ts';
import type { Pass } from '../../gate/gate-keeper.ts';
import type { WorkerContext } from '../../worker-context.ts';

/** How the row ends if it may no longer be called. */
export function tooLate(
  context: WorkerContext,
  job: RowJob,
  progress: RowProgress,
  pass: Pass,
): Ending | null {
  const { firstCallOpenMs } = progress;
  if (firstCallOpenMs !== null && pass.openMs - firstCallOpenMs > context.rowDeadlineMs) {
    return {
      kind: 'no_session',
      status: progress.lostCalls > 0 ? 'unconfirmed' : 'failed',
      code: 'row_deadline',
      message: `No success within ${Math.round(context.rowDeadlineMs / 60_000)} min of open gate time (ROW_DEADLINE).`,
    };
  }
  const verdict = judgeSource(context, job);
  return verdict === null || verdict.isAccepted ? null : rejection(verdict.violations);
}

const judgeSource = (context: WorkerContext, { source }: RowJob) =>
  source.kind === 'kling' && source.createdAtMs !== undefined
    ? judgeKlingSource(source.createdAtMs, context.now())
    : null;

/** Warns once about a Kling video that is about to expire, or about an id that may be rounded. */
export function warned(
  context: WorkerContext,
  job: RowJob,
  progress: RowProgress,
): Pick<RowProgress, 'warnings'> {
  const doubts = job.source.kind === 'kling' ? suspectIds(job.source) : [];
  const added = [...(judgeSource(context, job)?.warnings ?? []), ...doubts].map(
    ({ message }) => message,
  );
  return { warnings: [...new Set([...progress.warnings, ...added])] };
}
