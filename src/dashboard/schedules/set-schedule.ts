import { type ScheduleRequest, scheduleOf } from '../../lib/requests/schedule-request.ts';
import { refuseRequest } from '../../lib/requests/unusable-request.ts';
import { setSchedule } from '../../lib/schedule/steer-schedule.ts';
import type { DashboardPorts } from '../ports.ts';

/** Creates or changes a schedule. @throws UnusableRequest for invalid values; then nothing was done. */
export async function setRequested(
  ports: DashboardPorts,
  name: string,
  request: ScheduleRequest,
  who: string,
): Promise<'created' | 'changed' | 'unchanged'> {
  const { machineZone } = ports;
  const schedule = scheduleOf(name, request, { folder: null, machineZone, nowMs: ports.now() });
  if (schedule.mends !== null && (await ports.store.readBatch(schedule.mends)) === null) {
    throw refuseRequest('mends', `There is no batch ${schedule.mends} to supply.`);
  }
  return await setSchedule(ports, schedule, who);
}
