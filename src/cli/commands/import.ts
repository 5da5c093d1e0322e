import type { Command } from 'commander';
import { countWithoutSession } from '../../lib/core/batch.ts';
import type { SettingName } from '../../lib/settings.ts';
import { loadSettings } from '../environment.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { importOrExit, openManifestOrExit } from '../import-manifest.ts';
import {
  addManifestOptions,
  addSettingFlags,
  flagsAsEnvironment,
  type ManifestFlags,
} from '../options.ts';
import { listenForStop, type StopSignals } from '../signals.ts';
import { openStores, type Stores } from '../stores.ts';
import { summarise } from '../summary.ts';
import { createTerminal, type Terminal } from '../terminal.ts';
import { watchBatch } from '../watch-batch.ts';
import { requireKey } from '../worker-runtime.ts';

const SETTING_FLAGS: readonly SettingName[] = ['REDIS_URL'];

interface ImportFlags extends ManifestFlags {
  wait: boolean;
  exitWhenBlocked?: boolean;
  json: boolean;
}

export function addImportCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('import')
    .summary('check and queue a manifest; print the batch id')
    .description(
      'Checks and queues a manifest and prints the batch id. The same manifest with the same options resumes an interrupted import and otherwise changes nothing.',
    )
    .argument(
      '<manifest>',
      'CSV, TSV, JSONL or list of URLs; a path, an http(s) URL, or - for stdin',
    )
    .option(
      '--wait',
      'stay until every row has its outcome; Ctrl-C leaves the batch running',
      false,
    )
    .option(
      '--exit-when-blocked',
      'with --wait: exit 4 when a person is needed; the default where nobody watches',
    )
    .option('--no-exit-when-blocked', 'with --wait: wait for that person')
    .option('--json', 'print the batch as JSON', false);
  addManifestOptions(command);
  addSettingFlags(command, SETTING_FLAGS).addHelpText(
    'after',
    '\nExample:\n  kling-sessions import clips.csv --map video_url=Link --wait',
  );
  command.action(async (input: string, flags: ImportFlags) => onExit(await run(input, flags)));
}

async function run(input: string, flags: ImportFlags): Promise<ExitCode> {
  const settings = loadSettings(flagsAsEnvironment(flags, SETTING_FLAGS));
  requireKey(settings);
  const terminal = createTerminal(process.env);
  using signals = listenForStop(settings.SHUTDOWN_GRACE);
  await using manifest = await openManifestOrExit(input, flags, signals.stopping);
  await using stores = await openStores(settings, {
    name: 'kling-sessions-import',
    patience: 'impatient',
  });
  const { batch, wasFound } = await importOrExit(
    stores,
    manifest,
    flags,
    terminal,
    signals.stopping,
  );
  if (wasFound)
    terminal.say(`This manifest was imported before; batch ${batch.id} is ${batch.state}.`);
  if (flags.wait) return await waitForEnd(stores, batch.id, flags, terminal, signals);
  if (flags.json) terminal.print(JSON.stringify(batch));
  else terminal.print(batch.id);
  return EXIT.ok;
}

async function waitForEnd(
  stores: Stores,
  batchId: string,
  flags: ImportFlags,
  terminal: Terminal,
  signals: StopSignals,
): Promise<ExitCode> {
  terminal.say(`Batch ${batchId}; Ctrl-C leaves it running.`);
  const end = await watchBatch({
    terminal,
    stores,
    batchId,
    exitWhenBlocked: flags.exitWhenBlocked ?? !terminal.isInteractive,
    signal: signals.stopping,
  });
  if (end.kind === 'interrupted') {
    terminal.say(
      `Batch ${batchId} goes on; \`kling-sessions status ${batchId} --watch\` shows it again.`,
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
