import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit.ts';
import { findBatch } from '../find-batch.ts';
import { type Query, runQuery } from '../query.ts';
import { listenForStop } from '../signals.ts';
import { summarise } from '../summary.ts';
import { explain, watchBatch } from '../watch-batch.ts';

interface StatusFlags {
  watch: boolean;
  json: boolean;
}

export function addStatusCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('status')
    .summary('counts that add up, and why nothing moves when nothing does')
    .description('Shows how a batch stands; when nothing moves, one sentence says why.')
    .argument('<batch>', 'the id that `import` printed')
    .option('--watch', 'stay and show it move', false)
    .option('--json', 'print it as JSON', false)
    .addHelpText('after', '\nExample:\n  kling-sessions status clips-1a2b3c4d --watch');
  runQuery(command, onExit, showStatus);
}

async function showStatus(query: Query, flags: StatusFlags, batchId = ''): Promise<ExitCode> {
  const { stores, terminal } = query;
  await findBatch(stores.store, batchId);
  if (flags.watch) {
    using signals = listenForStop(0);
    const signal = signals.stopping;
    await watchBatch({ terminal, stores, batchId, exitWhenBlocked: false, signal });
  }
  const batch = await findBatch(stores.store, batchId);
  const [errors, { sentence }] = await Promise.all([
    stores.store.readErrors(batchId, 5),
    explain(stores, batch),
  ]);
  if (flags.json) {
    terminal.print(JSON.stringify({ batch, errors, standstill: sentence }));
    return EXIT.ok;
  }
  terminal.print(`${terminal.style('bold', batch.id)}  ${batch.state}`);
  for (const line of summarise(terminal, batch, errors)) terminal.print(line);
  if (sentence !== null) terminal.print(`\n${terminal.style('yellow', sentence)}`);
  return EXIT.ok;
}
