import { type Batch, countWithoutSession, isEnded } from '../../lib/core/batch/batch.ts';
import { describeCopy } from '../../lib/core/feed/copy-state.ts';
import { formatRows, formatSessions } from '../../lib/core/in-words.ts';
import { originOf } from '../../lib/files/origin-of.ts';
import type { ImportRequest, MANIFEST_OPTIONS } from '../../lib/requests/import-request.ts';
import type { Request } from '../../lib/requests/option.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { findBatch } from '../../library/find-batch.ts';
import { requireCredentials } from '../../library/wiring/credentials.ts';
import { openStores, type Stores } from '../../library/wiring/stores.ts';
import { startWorker } from '../../library/wiring/worker-runtime.ts';
import type { Continued } from '../../producer/continuing/continue-import.ts';
import type { Found } from '../../producer/import-batch.ts';
import { importOptions } from '../../producer/import-request.ts';
import type { Manifest } from '../../producer/manifest/open-manifest.ts';
import type { Sandbox } from '../../sandbox/start-sandbox.ts';
import { machineZone } from '../options/machine-zone.ts';
import { searchPath } from '../process/environment.ts';
import { CliError, EXIT, type ExitCode } from '../process/exit.ts';
import { chooseRunLogLevel, createLog } from '../process/log.ts';
import { listenForStop, type StopSignals } from '../process/signals.ts';
import { createTerminal, type Terminal } from '../process/terminal.ts';
import { readVersion } from '../process/version.ts';
import {
  besideManifest,
  outOf,
  refuseManifest,
  reportFormatOf,
  STDOUT,
} from '../show/report-place.ts';
import { summarise } from '../show/summary.ts';
import { type WatchEnd, watchBatch } from '../show/watch-batch.ts';
import { checkReportPlace, writeBatchReport } from '../show/write-batch-report.ts';
import { homeBelow } from '../wiring/private-redis/batch-data.ts';
import { startPrivateRedis } from '../wiring/private-redis/private-redis.ts';
import { openSandbox, sandboxSettings } from '../wiring/sandbox.ts';
import {
  continueManifest,
  describeFound,
  importManifest,
  openNamedManifest,
} from './import/import-manifest.ts';
import { resumeRun } from './resume-run.ts';

export interface OwnRunFlags {
  out?: string;
  dir: string;
  fresh: boolean;
  sandbox: boolean;
  sandboxPort?: number;
  scenario?: string;
  exitWhenBlocked?: boolean;
  yes: boolean;
  json: boolean;
  logLevel?: string;
}

type RunFlags = OwnRunFlags & Request<typeof MANIFEST_OPTIONS>;

export async function executeRun(
  input: string,
  flags: RunFlags,
  settings: Settings,
): Promise<ExitCode> {
  const given = { ...flags } as Record<string, unknown>;
  const terminal = createTerminal(process.env);
  if (!flags.sandbox) requireCredentials(settings);
  const stage = { isCalling: false };
  using signals = listenForStop(settings.SHUTDOWN_GRACE, () => {
    if (stage.isCalling) terminal.say(SHUTTING_DOWN);
  });
  await using manifest = await openNamedManifest(input, flags, settings, signals.stopping);
  for (const note of manifest.notes) terminal.say(note);
  const report = await placeReport(input, flags.out, manifest.name);
  await using sandbox = flags.sandbox ? await openSandbox(settings, flags) : null;
  await using redis = await openRedis(settings, flags);
  // Not earlier: the report may be inside the private server's folder, which was created just before.
  if (report !== STDOUT) await checkReportPlace(report);
  const effective = effectiveSettings(settings, redis.url, sandbox, given);
  await using stores = await openStores(effective, {
    name: 'kling-sessions-run',
    patience: redis.isPrivate ? 'own' : 'patient',
    ...(sandbox && { space: 'sandbox' }),
  });
  return await work({
    input,
    flags,
    settings: effective,
    terminal,
    signals,
    manifest,
    report,
    stores,
    isPrivate: redis.isPrivate,
    stage,
  });
}

const SHUTTING_DOWN =
  'Shutting down: calls under way finish first. Press Ctrl-C again to stop at once.';

/** @throws CliError (2) when the name does not fit a report, or the report would replace its manifest. */
async function placeReport(input: string, out: string | undefined, name: string): Promise<string> {
  const report =
    out === undefined ? await besideManifest(input, { name, suffix: '.results.csv' }) : outOf(out);
  reportFormatOf(report);
  await refuseManifest(report, input);
  return report;
}

async function openRedis(
  settings: Settings,
  flags: RunFlags,
): Promise<AsyncDisposable & { url: string; isPrivate: boolean }> {
  const url = settings.REDIS_URL;
  if (url !== undefined) {
    return { url, isPrivate: false, [Symbol.asyncDispose]: async () => undefined };
  }
  const redis = await startPrivateRedis(homeBelow(flags.dir, flags.sandbox));
  return { ...redis, isPrivate: true };
}

function effectiveSettings(
  settings: Settings,
  redisUrl: string,
  sandbox: Sandbox | null,
  flags: Record<string, unknown>,
): Settings {
  const withRedis = { ...settings, REDIS_URL: redisUrl };
  return sandbox === null ? withRedis : sandboxSettings(withRedis, sandbox, flags);
}

interface Job {
  /** Where the manifest comes from. */
  input: string;
  flags: RunFlags;
  settings: Settings;
  terminal: Terminal;
  signals: StopSignals;
  manifest: Manifest;
  /** Where the report goes. */
  report: string;
  stores: Stores;
  /** This command starts its own server. */
  isPrivate: boolean;
  /** Whether rows may be called by now. */
  stage: { isCalling: boolean };
}

async function work(job: Job): Promise<ExitCode> {
  const { flags, terminal, report, stores } = job;
  const batchId = await begin(job);
  const end = await workUntilEnd(job, batchId);
  if (end.kind === 'interrupted') return await endEarly(job, end.batch);
  const isPiped = report === STDOUT;
  await writeBatchReport(stores.store, end.batch, {
    destination: isPiped ? process.stdout : report,
  });
  const errors = await stores.store.readErrors(end.batch.id, 5);
  const summary = flags.json
    ? [JSON.stringify({ batch: end.batch, errors, report })]
    : summarise(terminal, end.batch, errors);
  for (const line of summary) isPiped ? terminal.say(line) : terminal.print(line);
  if (!isPiped) terminal.say(`\nReport: ${report}`);
  if (end.kind === 'stuck') {
    terminal.say(adviseStuck(end, job.isPrivate));
    return EXIT.personNeeded;
  }
  return countWithoutSession(end.batch.counts) === 0 ? EXIT.ok : EXIT.withoutSession;
}

function adviseStuck(
  { sentence, batch, isUntilNextDay }: WatchEnd & { kind: 'stuck' },
  isPrivate: boolean,
): string {
  if (!isPrivate && batch.state === 'paused') return sentence;
  return isUntilNextDay
    ? `${sentence} This command ends now; repeat the command then, or at once with a larger --sessions-per-day.`
    : `${sentence} The same command resumes.`;
}

/**
 * Writes what there is: its sessions are paid for. Without any, an earlier report stays as it was. A second signal
 * leaves the report out.
 */
async function endEarly(
  { terminal, report, stores, signals }: Job,
  batch: Batch,
): Promise<ExitCode> {
  const { succeeded, reused } = batch.counts;
  const sessions = succeeded + reused;
  terminal.say(`Interrupted with ${formatSessions(sessions)}; the same command resumes.`);
  if (sessions === 0) return EXIT.interrupted;
  const isPiped = report === STDOUT;
  const later = `\`kling-sessions results ${batch.id}\` writes the report.`;
  await writeBatchReport(stores.store, batch, {
    destination: isPiped ? process.stdout : report,
    signal: signals.leaving,
  }).catch((error) => {
    terminal.say(later);
    throw error;
  });
  if (!isPiped) terminal.say(`Report so far: ${report}`);
  return EXIT.interrupted;
}

/** A machine that is started for one batch does not wait for an hour of the day. */
const AT_ANY_TIME = {
  finishBy: null,
  window: null,
  keepAlive: null,
  keepAliveUntil: null,
  tz: null,
  // `run` writes its report itself.
  out: null,
};

/** Imports the manifest, or finds what was imported of it before; returns the batch's id. */
async function begin(job: Job): Promise<string> {
  const { flags, terminal, signals, manifest, stores, isPrivate } = job;
  const request = { ...flags, ...AT_ANY_TIME };
  const continued = await continueFile(job, request);
  const imported = await importManifest(
    stores,
    manifest,
    request,
    terminal,
    signals.stopping,
    continued.options,
  );
  greet(terminal, imported.batch, imported.found);
  await resumeRun(stores, imported.batch, isPrivate);
  return imported.batch.id;
}

/** Finds the earlier batch of the same file, and prints what happens to its rows. */
async function continueFile(
  job: Job,
  request: ImportRequest,
): Promise<Exclude<Continued, { kind: 'refused' }>> {
  const { input, flags, terminal, signals, manifest, stores } = job;
  const continued = await continueManifest({
    stores,
    manifest,
    options: importOptions(request, Date.now(), machineZone),
    request: {
      continues: flags.continue,
      key: flags.key,
      isFresh: flags.fresh,
      origin: flags.batch === null ? await originOf(input) : null,
    },
    terminal,
    signal: signals.stopping,
    asks: !flags.yes,
  });
  for (const line of continued.sentences) terminal.say(line);
  return continued;
}

async function workUntilEnd(job: Job, batchId: string): Promise<WatchEnd> {
  job.stage.isCalling = true;
  const end = await watchAtWork(job, batchId);
  // A worker that stops still finishes its current rows; they count.
  return { ...end, batch: await findBatch(job.stores.store, batchId) };
}

const CONNECTION_ENDED = 'The connection to Redis ended for good. The same command resumes.';

async function watchAtWork(job: Job, batchId: string): Promise<WatchEnd> {
  const { flags, settings, terminal, signals, stores } = job;
  const givenLevel = flags.logLevel || process.env.LOG_LEVEL;
  const level = chooseRunLogLevel(givenLevel, terminal.isInteractive);
  const log = await createLog(level, settings.LOG_FORMAT);
  await using worker = await startWorker(settings, stores, signals, log, {
    runsSchedules: false,
    searchPath: searchPath(),
    version: readVersion(),
  });
  const end = await watchBatch({
    terminal,
    stores,
    settings,
    batchId,
    exitWhenBlocked: flags.exitWhenBlocked,
    signal: AbortSignal.any([signals.stopping, worker.broken]),
    trouble: worker.trouble,
  });
  const isInterrupted = end.kind === 'interrupted';
  if (isInterrupted && worker.broken.aborted)
    throw new CliError(EXIT.unavailable, CONNECTION_ENDED);
  // There may be no other process to do it later.
  const copied = isInterrupted ? null : await worker.tell();
  const behind = copied && describeCopy(copied, await stores.feed.readLatest());
  if (copied && behind && copied.behindSinceMs !== null) terminal.say(behind);
  return end;
}

function greet(terminal: Terminal, batch: Batch, found: Found): void {
  if (found === 'nothing') {
    terminal.say(`Batch ${batch.id}: ${formatRows(batch.rows)} from ${batch.name}.`);
  } else if (batch.state === 'completed') {
    terminal.say(
      `Batch ${batch.id} has already finished; nothing was repeated. To open new sessions for all rows use --fresh.`,
    );
  } else if (isEnded(batch.state)) terminal.say(describeFound(batch, found) ?? '');
  else terminal.say(`Batch ${batch.id} continues where it stopped.`);
}
