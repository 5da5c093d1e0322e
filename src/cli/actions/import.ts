import { countWithoutSession } from '../../lib/core/batch.ts';
import type { Settings } from '../../lib/settings.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { importOrExit, openManifestOrExit } from '../import-manifest.ts';
import type { ManifestFlags } from '../options.ts';
import { listenForStop, type StopSignals } from '../signals.ts';
import { openStores, type Stores } from '../stores.ts';
import { summarise } from '../summary.ts';
import { createTerminal, type Terminal } from '../terminal.ts';
import { watchBatch } from '../watch-batch.ts';
import { requireKey } from '../worker-runtime.ts';

export interface ImportFlags extends ManifestFlags {
  wait: boolean;
  exitWhenBlocked?: boolean;
  json: boolean;
}

export async function executeImport(
  input: string,
  flags: ImportFlags,
  settings: Settings,
): Promise<ExitCode> {
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
