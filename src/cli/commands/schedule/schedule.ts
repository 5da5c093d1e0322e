import type { Command } from 'commander';
import { fillInDates } from '../../../lib/core/schedule/path-dates.ts';
import { nextTime } from '../../../lib/core/schedule/planned-times.ts';
import type { KeptSchedule, Schedule, ScheduleRun } from '../../../lib/core/schedule/schedule.ts';
import {
  SCHEDULE_ACTS,
  SCHEDULE_VERBS,
  type ScheduleVerb,
} from '../../../lib/requests/schedule-acts.ts';
import { SCHEDULE_OPTIONS, scheduleOf } from '../../../lib/requests/schedule-request.ts';
import { listRunsAsTheyStand, runAsItStands } from '../../../lib/schedule/runs-as-they-stand.ts';
import { reportOf, type ScheduleReport, showRun } from '../../../lib/schedule/schedule-report.ts';
import { type ScheduleSteering, setSchedule } from '../../../lib/schedule/steer-schedule.ts';
import { listWorkers } from '../../../lib/store/redis/worker-registry.ts';
import { findBatch } from '../../../library/find-batch.ts';
import { whoAmI } from '../../../library/wiring/who.ts';
import { machineZone } from '../../options/machine-zone.ts';
import { addRequestFlags, requestFrom } from '../../options/request-flags.ts';
import { CliError, EXIT, type ExitCode } from '../../process/exit.ts';
import type { Terminal } from '../../process/terminal.ts';
import { describeRun, describeSchedule, describeSettings } from '../../show/show-schedule.ts';
import { warnOfReportPlace } from '../../show/warn-of-report-place.ts';
import { type RedisCommand, withRedis } from '../with-redis.ts';
import { addApplyCommand } from './schedule-apply.ts';

interface JsonFlag {
  json: boolean;
}

const NAME_ARGUMENT = ['<name>', 'of the schedule'] as const;
const JSON_OPTION = ['--json', 'print it as JSON', false] as const;

export function addScheduleCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const schedule = program
    .command('schedule')
    .description(
      'Imports manifests at set times. Workers start the runs and read the manifests on their own machines.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  kling-sessions schedule set nightly --cron "0 2 * * *" --tz Asia/Taipei --manifest "/srv/clips/{yyyy-MM-dd}.csv"' +
        '\n  kling-sessions schedule apply schedules.yaml --dry-run',
    );
  addSet(schedule, onExit);
  addLooks(schedule, onExit);
  addActs(schedule, onExit);
  addApplyCommand(schedule, onExit);
}

function addSet(schedule: Command, onExit: (code: ExitCode) => void): void {
  const set = schedule
    .command('set')
    .description('Creates or changes a schedule. Repeating the same command changes nothing.')
    .argument(
      '<name>',
      'lower-case letters, digits and dashes; its batches are <name>-<date>-<time>',
    );
  addRequestFlags(set, SCHEDULE_OPTIONS).option(...JSON_OPTION);
  withRedis<JsonFlag>(set, onExit, setOne);
}

function addLooks(schedule: Command, onExit: (code: ExitCode) => void): void {
  const list = schedule
    .command('list', { isDefault: true })
    .description('Lists the schedules with their next five times, local and UTC.')
    .option('--json', 'one JSON object per line', false);
  withRedis<JsonFlag>(list, onExit, listAll);
  const show = schedule
    .command('show')
    .description('Shows a schedule and its last 100 runs, newest first.')
    .argument(...NAME_ARGUMENT)
    .option(...JSON_OPTION);
  withRedis<JsonFlag>(show, onExit, showOne);
}

function addActs(schedule: Command, onExit: (code: ExitCode) => void): void {
  for (const verb of SCHEDULE_VERBS) {
    const command = schedule
      .command(verb)
      .description(SCHEDULE_ACTS[verb].description)
      .argument(...NAME_ARGUMENT);
    if (verb === 'run') command.option(...JSON_OPTION);
    withRedis<JsonFlag>(command, onExit, (query, flags, name) => steer(query, verb, flags, name));
  }
}

const steeringOf = ({ stores }: RedisCommand): ScheduleSteering => ({ ...stores, now: Date.now });

/** @throws CliError (2) when there is no such schedule. */
async function find({ stores }: RedisCommand, name = ''): Promise<KeptSchedule> {
  const kept = await stores.schedules.read(name);
  if (kept !== null) return kept;
  throw noSchedule(name);
}

const noSchedule = (name: string): CliError =>
  new CliError(
    EXIT.usage,
    `There is no schedule ${name}; \`kling-sessions schedule list\` shows them.`,
  );

async function setOne(query: RedisCommand, flags: JsonFlag, name = ''): Promise<ExitCode> {
  const request = requestFrom(SCHEDULE_OPTIONS, flags);
  const place = { folder: process.cwd(), machineZone, nowMs: Date.now() };
  const schedule = scheduleOf(name, request, place);
  if (schedule.mends !== null) await findBatch(query.stores.store, schedule.mends);
  await warnOfNextReport(query.terminal, schedule);
  const result = await setSchedule(steeringOf(query), schedule, whoAmI());
  const report = reportOf(await find(query, name), Date.now());
  if (flags.json) {
    query.terminal.print(JSON.stringify({ result, ...report }));
    return EXIT.ok;
  }
  query.terminal.say(`Schedule ${name} is ${result}.`);
  printWhole(query.terminal, report);
  return EXIT.ok;
}

async function warnOfNextReport(terminal: Terminal, schedule: Schedule): Promise<void> {
  const { out, zone } = schedule;
  if (out === null) return;
  const place = fillInDates(out, nextTime(schedule, Date.now()), zone);
  await warnOfReportPlace(terminal, place);
}

function printWhole(terminal: Terminal, report: ScheduleReport): void {
  const lines = describeSchedule(terminal, report, null);
  for (const line of [...lines, describeSettings(terminal, report)]) terminal.print(line);
}

async function listAll(query: RedisCommand, { json }: JsonFlag): Promise<ExitCode> {
  const { stores, terminal } = query;
  const all = await stores.schedules.listRecords();
  for (const record of all) {
    if (record.kind === 'schedule') await printOne(query, record.kept, json);
    else terminal.print(json ? JSON.stringify(unreadableJson(record)) : record.reason);
  }
  if (all.length === 0) {
    terminal.say('There are no schedules yet; `kling-sessions schedule set` creates one.');
  }
  return EXIT.ok;
}

async function printOne(
  { stores, terminal }: RedisCommand,
  kept: KeptSchedule,
  json: boolean,
): Promise<void> {
  const report = reportOf(kept, Date.now());
  const lastRun = await readLast(stores, kept.schedule.name);
  if (json) terminal.print(JSON.stringify({ ...report, lastRun: lastRun && showRun(lastRun) }));
  else for (const line of describeSchedule(terminal, report, lastRun)) terminal.print(line);
}

const unreadableJson = ({ name, reason }: { name: string; reason: string }): object => ({
  schedule: { name },
  unreadable: reason,
});

async function readLast(
  { schedules, store }: RedisCommand['stores'],
  name: string,
): Promise<ScheduleRun | null> {
  const run = await schedules.readLastRun(name);
  return run && (await runAsItStands(store, run));
}

async function showOne(query: RedisCommand, { json }: JsonFlag, name = ''): Promise<ExitCode> {
  const { terminal, stores } = query;
  const report = reportOf(await find(query, name), Date.now());
  const runs = await listRunsAsTheyStand(stores.schedules, stores.store, name);
  if (json) {
    terminal.print(JSON.stringify({ ...report, runs: runs.map(showRun) }));
    return EXIT.ok;
  }
  printWhole(terminal, report);
  terminal.print('');
  if (runs.length === 0) terminal.print('  No runs yet.');
  for (const run of runs) terminal.print(`  ${describeRun(run, report.schedule.zone)}`);
  return EXIT.ok;
}

async function steer(
  query: RedisCommand,
  verb: ScheduleVerb,
  { json }: JsonFlag,
  name = '',
): Promise<ExitCode> {
  const { terminal, stores } = query;
  const ending = await SCHEDULE_ACTS[verb].carryOut(steeringOf(query), name, whoAmI());
  if (ending === null) throw noSchedule(name);
  if (ending.kind === 'impossible') throw new CliError(EXIT.usage, ending.sentence);
  terminal.print(json ? JSON.stringify(ending.result) : ending.sentence);
  if (verb === 'run' && (await listWorkers(stores.redis, stores.keys)).length === 0) {
    const refusal = await stores.overview.readWorkerRefusal();
    const none = '`kling-sessions worker` starts one, which then starts the run.';
    terminal.say(refusal ?? `No worker is running; ${none}`);
  }
  return EXIT.ok;
}
