import { setSchedule } from '../../lib/schedule/steer-schedule.ts';
import type { DashboardPorts } from '../ports.ts';
import type { WantedSchedule } from './schedule-desk.ts';

type SetResult =
  | { kind: 'set'; result: 'created' | 'changed' | 'unchanged' }
  /** One sentence. */
  | { kind: 'refused'; message: string };

/** Makes a schedule or changes it, as it was written; nothing happens when that cannot be right. */
export async function setWanted(
  ports: DashboardPorts,
  name: string,
  wanted: WantedSchedule,
  who: string,
): Promise<SetResult> {
  const understood = ports.scheduleDesk.understand(name, wanted);
  if (understood.kind === 'refused') return understood;
  const { schedule } = understood;
  if (schedule.mends !== null && (await ports.store.readBatch(schedule.mends)) === null) {
    return { kind: 'refused', message: `There is no batch ${schedule.mends} to mend.` };
  }
  return { kind: 'set', result: await setSchedule(ports, schedule, who) };
}
