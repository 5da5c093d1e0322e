import type { KeptSchedule, ScheduleRun } from '../../lib/core/schedule/schedule.ts';
import { listRunsAsTheyStand, runAsItStands } from '../../lib/schedule/runs-as-they-stand.ts';
import {
  nextTimesOf,
  reportOf,
  type ShownTime,
  shownTime,
  showRun,
} from '../../lib/schedule/schedule-report.ts';
import type { ScheduleRecord } from '../../lib/schedule/schedule-store.ts';
import type { UnreadableView } from '../api/api-schemas.ts';
import type { RunView, ScheduleView } from '../api/schedule-schemas.ts';
import type { DashboardPorts } from '../ports.ts';
import { firstPage } from './first-page.ts';

type Sources = Pick<DashboardPorts, 'schedules' | 'store' | 'now'>;

export interface ScheduleList {
  /** By name. */
  schedules: ScheduleView[];
  unreadable: UnreadableView[];
  /** Name of the last one; null if no others follow. */
  next: string | null;
}

export async function readSchedules(
  sources: Sources,
  {
    after = '',
    limit = Number.POSITIVE_INFINITY,
  }: { after?: string | undefined; limit?: number } = {},
): Promise<ScheduleList> {
  const further = (await sources.schedules.listRecords()).filter((one) => nameOf(one) > after);
  const { page: all, next } = firstPage(further, limit, nameOf);
  const kept = all.flatMap((record) => (record.kind === 'schedule' ? [record.kept] : []));
  return {
    schedules: await Promise.all(kept.map((one) => readView(sources, one))),
    unreadable: all.flatMap((record) =>
      record.kind === 'unreadable' ? [{ id: record.name, reason: record.reason }] : [],
    ),
    next,
  };
}

const nameOf = (record: ScheduleRecord): string =>
  record.kind === 'schedule' ? record.kept.schedule.name : record.name;

/** Null when there is no such schedule. */
export async function readSchedule(sources: Sources, name: string): Promise<ScheduleView | null> {
  const kept = await sources.schedules.read(name);
  return kept && (await readView(sources, kept));
}

/** A schedule with its runs, newest first; null when there is none. */
export async function readScheduleHistory(
  sources: Sources,
  name: string,
  { after, limit }: { after?: number | undefined; limit: number },
): Promise<{ schedule: ScheduleView; runs: RunView[]; next: number | null } | null> {
  const { schedules, store, now } = sources;
  const kept = await schedules.read(name);
  if (kept === null) return null;
  const runs = await listRunsAsTheyStand(schedules, store, name);
  const further = runs.filter((run) => after === undefined || run.plannedAtMs < after);
  const { page, next } = firstPage(further, limit, (run) => run.plannedAtMs);
  return {
    schedule: viewOf(kept, runs[0] ?? null, now()),
    runs: page.map((run) => runViewOf(kept, run)),
    next,
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
