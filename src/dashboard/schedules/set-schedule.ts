import type { Schedule } from '../../lib/core/schedule/schedule.ts';
import { refuseRemotePlace } from '../../lib/report/delivery/report-place.ts';
import { type ScheduleRequest, scheduleOf } from '../../lib/requests/schedule-request.ts';
import { refuseRequest } from '../../lib/requests/unusable-request.ts';
import { setSchedule } from '../../lib/schedule/steer-schedule.ts';
import { nullIfUnreadable } from '../../lib/store/unreadable-record.ts';
import type { DashboardPorts } from '../ports.ts';

/** A place that the command line has set may stay. */
async function checkReportPlace(
  { schedules, reportFolders = [] }: DashboardPorts,
  { name, out }: Schedule,
): Promise<void> {
  if (out === null) return;
  const kept = await schedules.read(name).catch(nullIfUnreadable);
  const problem = kept?.schedule.out === out ? null : refuseRemotePlace(out, reportFolders);
  if (problem !== null) throw refuseRequest('out', problem);
}

/** Creates or changes a schedule. @throws UnusableRequest for invalid values; then nothing was done. */
export async function setRequested(
  ports: DashboardPorts,
  name: string,
  request: ScheduleRequest,
  who: string,
): Promise<'created' | 'changed' | 'unchanged'> {
  const { machineZone } = ports;
  const schedule = scheduleOf(name, request, { folder: null, machineZone, nowMs: ports.now() });
  await checkReportPlace(ports, schedule);
  if (schedule.mends !== null && (await ports.store.readBatch(schedule.mends)) === null) {
    throw refuseRequest('mends', `There is no batch ${schedule.mends} to mend.`);
  }
  return await setSchedule(ports, schedule, who);
}
