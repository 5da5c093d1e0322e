import type { Command } from 'commander';
import type { KeptSchedule } from '../../../lib/core/schedule/schedule.ts';
import { compareSchedules, type ScheduleChange } from '../../../lib/schedule/compare-schedules.ts';
import { showManifest } from '../../../lib/schedule/schedule-report.ts';
import type { ScheduleRecord } from '../../../lib/schedule/schedule-store.ts';
import {
  removeSchedule,
  type ScheduleSteering,
  setPaused,
  setSchedule,
} from '../../../lib/schedule/steer-schedule.ts';
import { findBatch } from '../../../library/find-batch.ts';
import { whoAmI } from '../../../library/wiring/who.ts';
import type { WantedSchedule } from '../../options/schedule-file.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
import { describeChange } from '../../show/show-schedule.ts';
import { type RedisCommand, withRedis } from '../with-redis.ts';

interface ApplyFlags {
  dryRun: boolean;
  json: boolean;
}

/** What has to change for one schedule. */
type Difference =
  | {
      name: string;
      kind: 'create' | 'change' | 'keep';
      changes: ScheduleChange[];
      wanted: WantedSchedule;
    }
  | { name: string; kind: 'remove' };

export function addApplyCommand(schedule: Command, onExit: (code: ExitCode) => void): void {
  const apply = schedule
    .command('apply')
    .description(
      'Makes the schedules match a file: adds, changes and removes schedules, and prints the difference.',
    )
    .argument(
      '<file>',
      'YAML: "schedules:", then names, then the flags of `schedule set` without their dashes',
    )
    .option('--dry-run', 'print the difference, change nothing', false)
    .option('--json', 'print the difference as JSON', false);
  withRedis<ApplyFlags>(apply, onExit, applyFile);
}

async function applyFile(query: RedisCommand, flags: ApplyFlags, path = ''): Promise<ExitCode> {
  const { stores, terminal } = query;
  const { readScheduleFile } = await import('../../options/schedule-file.ts');
  const wanted = await readScheduleFile(path);
  for (const { schedule } of wanted) {
    if (schedule.mends !== null) await findBatch(stores.store, schedule.mends);
  }
  const differences = compare(await stores.schedules.listRecords(), wanted);
  if (!flags.dryRun) {
    const steering = { ...stores, now: Date.now };
    for (const difference of differences) await carryOut(steering, difference);
  }
  if (flags.json) terminal.print(JSON.stringify(differences.map(differenceJson)));
  else for (const line of differences.flatMap(describe)) terminal.print(line);
  if (flags.dryRun) terminal.say('Nothing was changed; leave out --dry-run to apply this.');
  return EXIT.ok;
}

/** A schedule with a damaged record is recreated or removed. */
function compare(present: ScheduleRecord[], wanted: WantedSchedule[]): Difference[] {
  const found = new Map(
    present.map((record) =>
      record.kind === 'unreadable'
        ? [record.name, undefined]
        : [record.kept.schedule.name, record.kept],
    ),
  );
  const names = new Set(wanted.map(({ schedule }) => schedule.name));
  const gone = [...found.keys()].filter((name) => !names.has(name));
  return [
    ...wanted.map((one) => compareOne(found.get(one.schedule.name), one)),
    ...gone.map((name): Difference => ({ name, kind: 'remove' })),
  ];
}

function compareOne(kept: KeptSchedule | undefined, wanted: WantedSchedule): Difference {
  const { name } = wanted.schedule;
  if (kept === undefined) return { name, kind: 'create', changes: [], wanted };
  const { isPaused = kept.isPaused } = wanted;
  const pausing =
    isPaused === kept.isPaused
      ? []
      : [{ flag: 'paused', from: yesOrNo(kept.isPaused), to: yesOrNo(isPaused) }];
  const changes = [...compareSchedules(kept.schedule, wanted.schedule), ...pausing];
  return { name, kind: changes.length === 0 ? 'keep' : 'change', changes, wanted };
}

const yesOrNo = (isSo: boolean): string => (isSo ? 'yes' : 'no');

async function carryOut(steering: ScheduleSteering, difference: Difference): Promise<void> {
  const who = whoAmI();
  if (difference.kind === 'remove') {
    await removeSchedule(steering, difference.name, who);
    return;
  }
  const { schedule, isPaused } = difference.wanted;
  await setSchedule(steering, schedule, who);
  if (isPaused === undefined) return;
  await setPaused(steering, schedule.name, isPaused, who);
}

function describe(difference: Difference): string[] {
  const { name } = difference;
  switch (difference.kind) {
    case 'create': {
      const { cron, zone, manifest } = difference.wanted.schedule;
      return [`+ ${name}  new: "${cron}"  ${zone}  ${showManifest(manifest)}`];
    }
    case 'change':
      return [`~ ${name}`, ...difference.changes.map((change) => `    ${describeChange(change)}`)];
    case 'keep':
      return [`= ${name}`];
    case 'remove':
      return [`- ${name}  removed, with its history`];
  }
}

const differenceJson = (difference: Difference): object => ({
  name: difference.name,
  kind: difference.kind,
  changes: difference.kind === 'remove' ? [] : difference.changes,
});
