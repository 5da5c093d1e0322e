import { expect, it } from 'vitest';
import { dispatchJobOf } from '../../../../src/lib/queue/jobs.ts';
import { Dispatcher } from '../../../../src/worker/stages/dispatch-batch.ts';
import { Workshop } from '../../steering/workshop.ts';

it('rows are dispatched for the lowest number of calls at once that any worker was started with', async () => {
  const workshop = await Workshop.open({ concurrency: 20 });
  await workshop.import('batch-1', 200);
  workshop.context.gate.followLimits({ concurrency: 2, ratePerSecond: 0, sessionsPerDay: 0 });
  const job = dispatchJobOf(await workshop.batch('batch-1'), 0);
  await new Dispatcher(workshop.context).dispatch(job);
  expect(await workshop.store.readDispatch('batch-1')).toMatchObject({ underWay: 8 });
});
