import type { Command } from 'commander';
import type { BatchEvent } from '../../lib/core/batch.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import { findBatch } from '../find-batch.ts';
import { type Query, runQuery } from '../query.ts';

interface Flags {
  reason?: string;
}

export function addPauseAndResumeCommands(
  program: Command,
  onExit: (code: ExitCode) => void,
): void {
  const pause = program
    .command('pause')
    .summary('start no more rows of a batch')
    .description('Starts no more rows of a batch; calls under way finish.')
    .argument('<batch>', 'the id that `import` printed')
    .option('--reason <text>', 'shown wherever somebody asks why nothing moves')
    .addHelpText('after', '\nExample:\n  kling-sessions pause clips-1a2b3c4d --reason "budget"');
  runQuery<Flags>(pause, onExit, (query, flags, batchId = '') =>
    change(query, batchId, 'pause', flags.reason ?? 'by hand'),
  );
  const resume = program
    .command('resume')
    .summary('go on with a paused batch')
    .description('Goes on with a paused batch where it was.')
    .argument('<batch>', 'the id that `import` printed')
    .addHelpText('after', '\nExample:\n  kling-sessions resume clips-1a2b3c4d');
  runQuery<Flags>(resume, onExit, (query, _flags, batchId = '') =>
    change(query, batchId, 'resume', null),
  );
}

async function change(
  { stores, terminal }: Query,
  batchId: string,
  event: BatchEvent,
  reason: string | null,
): Promise<ExitCode> {
  const before = await findBatch(stores.store, batchId);
  const state = await stores.store.changeState(batchId, event, reason, Date.now());
  if (state === null) {
    throw new CliError(
      EXIT.usage,
      `Batch ${batchId} is ${before.state}; there is nothing to ${event}.`,
    );
  }
  const view = await stores.store.readDispatch(batchId);
  if (state === 'running' && view !== null) {
    await stores.queues.addDispatch({ batchId, epoch: view.epoch });
  }
  terminal.print(`${batchId} is ${state}.`);
  return EXIT.ok;
}
