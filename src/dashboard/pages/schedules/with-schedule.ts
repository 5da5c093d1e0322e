import type { KeptSchedule } from '../../../lib/core/schedule/schedule.ts';
import type { DashboardContext } from '../../dashboard-env.ts';
import type { DashboardPorts } from '../../ports.ts';
import { refuse } from '../refusal.ts';

/** Answers with the schedule in the address, or with "not found". */
export async function withSchedule(
  { schedules }: DashboardPorts,
  context: DashboardContext,
  use: (kept: KeptSchedule) => Promise<Response>,
): Promise<Response> {
  const name = context.req.param('name') ?? '';
  const kept = await schedules.read(name);
  if (kept !== null) return await use(kept);
  return await refuse(context, { kind: 'not_found', what: `schedule ${name}` });
}
