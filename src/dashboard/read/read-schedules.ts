import type { KeptSchedule, ScheduleRun } from '../../lib/core/schedule/schedule.ts';
import { listRunsAsTheyStand, runAsItStands } from '../../lib/schedule/runs-as-they-stand.ts';
import {
  nextTimesOf,
  reportOf,
  type ShownTime,
  shownTime,
  showRun,
} from '../../lib/schedule/schedule-report.ts';
import type { RunView, ScheduleView } from '../api/schedule-schemas.ts';
import type { DashboardPorts } from '../ports.ts';

type Sources = Pick<DashboardPorts, 'schedules' | 'store' | 'now'>;

/** By name. */
export async function readSchedules(sources: Sources): Promise<ScheduleView[]> {
  const all = await sources.schedules.list();
  return await Promise.all(all.map((kept) => readView(sources, kept)));
}

/** Null when there is no such schedule. */
export async function readSchedule(sources: Sources, name: string): Promise<ScheduleView | null> {
  const kept = await sources.schedules.read(name);
  return kept && (await readView(sources, kept));
}

/** A schedule with its runs, newest first; null when there is none. */
export async function readScheduleHistory(
  sources: Sources,
  name: string,
): Promise<{ schedule: ScheduleView; runs: RunView[] } | null> {
  const { schedules, store, now } = sources;
  const kept = await schedules.read(name);
  if (kept === null) return null;
  const runs = await listRunsAsTheyStand(schedules, store, name);
  return {
    schedule: viewOf(kept, runs[0] ?? null, now()),
    runs: runs.map((run) => runViewOf(kept, run)),
  };
}

export interface NextRun extends ShownTime {
  schedule: string;
  atMs: number;
}

/** The next time of each schedule that is not paused, soonest first. */
export async function readNextRuns({ schedules, now }: Sources): Promise<NextRun[]> {
  const nowMs = now();
  const runs = (await schedules.list()).flatMap((kept) =>
    nextTimesOf(kept, nowMs, 1).map((atMs) => ({
      schedule: kept.schedule.name,
      atMs,
      ...shownTime(atMs, kept.schedule.zone),
    })),
  );
  return runs.toSorted((one, other) => one.atMs - other.atMs);
}

async function readView({ schedules, store, now }: Sources, kept: KeptSchedule) {
  const run = await schedules.readLastRun(kept.schedule.name);
  return viewOf(kept, run && (await runAsItStands(store, run)), now());
}

function viewOf(kept: KeptSchedule, lastRun: ScheduleRun | null, nowMs: number): ScheduleView {
  const { schedule, ...rest } = reportOf(kept, nowMs);
  return { ...schedule, ...rest, lastRun: lastRun && runViewOf(kept, lastRun) };
}

const runViewOf = ({ schedule }: KeptSchedule, run: ScheduleRun): RunView => ({
  ...showRun(run),
  planned: shownTime(run.plannedAtMs, schedule.zone),
});
