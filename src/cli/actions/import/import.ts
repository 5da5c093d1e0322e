import { countWithoutSession } from '../../../lib/core/batch/batch.ts';
import { fillInDates } from '../../../lib/core/schedule/path-dates.ts';
import { isWebAddress } from '../../../lib/core/web-address.ts';
import { wholePlace } from '../../../lib/report/delivery/report-place.ts';
import type { Settings } from '../../../lib/settings/settings.ts';
import { openStores, type Stores } from '../../../library/wiring/stores.ts';
import type { ImportOptions } from '../../../producer/import-options.ts';
import { importOptions } from '../../../producer/import-request.ts';
import { machineZone } from '../../options/machine-zone.ts';
import { CliError, EXIT, type ExitCode } from '../../process/exit.ts';
import { listenForStop, type StopSignals } from '../../process/signals.ts';
import { createTerminal, type Terminal } from '../../process/terminal.ts';
import { refuseManifest } from '../../show/report-place.ts';
import { summarise } from '../../show/summary.ts';
import { warnOfReportPlace } from '../../show/warn-of-report-place.ts';
import { watchBatch } from '../../show/watch-batch.ts';
import { compareOrExit, describeComparison, executeComparison } from './compare-manifest.ts';
import {
  continueManifest,
  describeFound,
  importManifest,
  openNamedManifest,
} from './import-manifest.ts';
import { continuationOf, type ImportFlags, type ImportTask } from './import-task.ts';

export async function executeImport(
  input: string,
  given: ImportFlags,
  settings: Settings,
): Promise<ExitCode> {
  refuseLoneFlags(given);
  const terminal = createTerminal(process.env);
  const flags = { ...given, out: given.out && (await findReportPlace(terminal, input, given)) };
  const onlyShows = flags.dryRun || (flags.diff !== undefined && flags.only === undefined);
  using signals = listenForStop(settings.SHUTDOWN_GRACE);
  const signal = signals.stopping;
  await using manifest = await openNamedManifest(input, flags, settings, signal);
  for (const note of manifest.notes) terminal.say(note);
  const task = { input, manifest, flags, settings, terminal, signal };
  if (flags.dryRun) {
    // Loaded on demand, because it loads the prober.
    const { executePlan } = await import('./plan-import.ts');
    return await executePlan(task);
  }
  if (onlyShows && flags.diff !== undefined) return await executeComparison(task, flags.diff);
  await using stores = await openStores(settings, {
    name: 'kling-sessions-import',
    patience: 'impatient',
  });
  return await importAndWait(task, stores, signals);
}

/** The report's place, as an absolute path: each worker has its own working directory. */
async function findReportPlace(
  terminal: Terminal,
  input: string,
  { out, tz }: ImportFlags,
): Promise<string | null> {
  const whole = wholePlace(out ?? '', process.cwd());
  if (whole === null) return null;
  const place = whole.includes('{') ? fillInDates(whole, Date.now(), tz ?? machineZone()) : whole;
  if (!isWebAddress(place)) await refuseManifest(place, input);
  await warnOfReportPlace(terminal, place);
  return place;
}

function refuseLoneFlags(flags: ImportFlags): void {
  const { dryRun, probe, problems, diff, only, continue: continues } = flags;
  if (probe && !dryRun) throw new CliError(EXIT.usage, '--probe needs --dry-run.');
  if (problems !== undefined && !dryRun) {
    throw new CliError(EXIT.usage, '--problems needs --dry-run.');
  }
  if (continues !== null && diff !== undefined) {
    throw new CliError(EXIT.usage, '--continue already compares; leave out --diff.');
  }
  if (only !== undefined && diff === undefined) {
    throw new CliError(EXIT.usage, '--only needs --diff <batch>.');
  }
}

async function importAndWait(
  task: ImportTask,
  stores: Stores,
  signals: StopSignals,
): Promise<ExitCode> {
  const { manifest, flags, terminal, signal } = task;
  const selection = await selectRows(task, stores);
  if (selection?.rows.size === 0) {
    terminal.say('There is nothing to import.');
    if (flags.json) terminal.print('null');
    return EXIT.ok;
  }
  const more = selection === undefined ? await continueTable(task, stores) : { selection };
  const { batch, found } = await importManifest(stores, manifest, flags, terminal, signal, more);
  const before = describeFound(batch, found);
  if (before !== null) terminal.say(before);
  if (flags.wait) return await waitForEnd(task, stores, batch.id, signals);
  if (flags.json) terminal.print(JSON.stringify(batch));
  else terminal.print(batch.id);
  return EXIT.ok;
}

/**
 * The options that keep the sessions of the batch that this table continues, if there is one. Prints what it keeps.
 */
async function continueTable(
  { manifest, flags, terminal, signal }: ImportTask,
  stores: Stores,
): Promise<Partial<ImportOptions>> {
  const options = importOptions(flags, Date.now(), machineZone);
  const request = continuationOf(flags);
  const asks = !flags.yes;
  const task = { stores, manifest, options, request, terminal, signal, asks };
  const continued = await continueManifest(task);
  for (const line of continued.sentences) terminal.say(line);
  return continued.options;
}

/** The rows that `--only` asks for; undefined for all. */
async function selectRows(task: ImportTask, stores: Stores): Promise<ImportOptions['selection']> {
  const { diff, only } = task.flags;
  if (diff === undefined || only === undefined) return undefined;
  const comparison = await compareOrExit(task, diff, stores);
  for (const line of describeComparison(task.terminal, comparison)) task.terminal.say(line);
  return { comparedWith: diff, kinds: only, rows: comparison.picked };
}

async function waitForEnd(
  task: ImportTask,
  stores: Stores,
  batchId: string,
  signals: StopSignals,
): Promise<ExitCode> {
  const { flags, terminal } = task;
  terminal.say(`Batch ${batchId}; Ctrl-C leaves it running.`);
  const end = await watchBatch({
    terminal,
    stores,
    settings: task.settings,
    batchId,
    exitWhenBlocked: flags.exitWhenBlocked,
    signal: signals.stopping,
  });
  if (end.kind === 'interrupted') {
    terminal.say(
      `Batch ${batchId} continues; \`kling-sessions status ${batchId} --watch\` shows it again.`,
    );
    return EXIT.interrupted;
  }
  const errors = await stores.store.readErrors(batchId, 5);
  if (flags.json) terminal.print(JSON.stringify({ batch: end.batch, errors }));
  else for (const line of summarise(terminal, end.batch, errors)) terminal.print(line);
  if (end.kind === 'stuck') {
    terminal.say(end.sentence);
    return EXIT.personNeeded;
  }
  return countWithoutSession(end.batch.counts) === 0 ? EXIT.ok : EXIT.withoutSession;
}
