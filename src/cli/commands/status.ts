import type { Command } from 'commander';
import type { BatchPicture } from '../../lib/batch-picture.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { findBatch } from '../find-batch.ts';
import { describeMending, type Mending, readMending } from '../mending.ts';
import { type Query, runQuery } from '../query.ts';
import { listenForStop } from '../signals.ts';
import { describePicture, formatTime } from '../summary.ts';

interface StatusFlags {
  watch: boolean;
  history: boolean;
  json: boolean;
}

export function addStatusCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('status')
    .description(
      'Shows how a batch stands: counts that add up, rate, time left, sessions alive and expired, the most common errors; when nothing moves, one sentence says why.',
    )
    .argument('<batch>', 'the id that `import` printed')
    .option('--watch', 'stay and show it move; Ctrl-C leaves the batch running', false)
    .option('--history', 'who did what to the batch, newest first', false)
    .option('--json', 'print it as JSON', false)
    .addHelpText('after', '\nExample:\n  kling-sessions status clips-1a2b3c4d --watch');
  runQuery(command, onExit, showStatus);
}

async function showStatus(query: Query, flags: StatusFlags, batchId = ''): Promise<ExitCode> {
  const { stores, terminal } = query;
  await findBatch(stores.store, batchId);
  if (flags.history) return await showHistory(query, flags, batchId);
  if (flags.watch) await watch(query, batchId);
  const { takePictureOf } = await import('../batch-picture.ts');
  const picture = await takePictureOf(stores, batchId);
  const mending = await readMending(stores, picture.batch);
  if (flags.json) terminal.print(JSON.stringify({ ...picture, mending }));
  else printPicture(query, picture, mending);
  return EXIT.ok;
}

async function watch({ stores, terminal }: Query, batchId: string): Promise<void> {
  const { watchBatch } = await import('../watch-batch.ts');
  using signals = listenForStop(0);
  const signal = signals.stopping;
  const end = await watchBatch({ terminal, stores, batchId, exitWhenBlocked: false, signal });
  if (end.kind === 'interrupted') terminal.say(`Batch ${batchId} goes on.`);
}

function printPicture({ terminal }: Query, picture: BatchPicture, mending: Mending | null): void {
  for (const line of describePicture(terminal, picture)) terminal.print(line);
  for (const line of describeMending(picture.batch, mending)) terminal.print(line);
}

async function showHistory(
  { stores, terminal }: Query,
  flags: StatusFlags,
  batchId: string,
): Promise<ExitCode> {
  const history = await stores.steering.readHistory(batchId);
  if (flags.json) terminal.print(JSON.stringify(history));
  else {
    for (const { atMs, who, what, reason } of history) {
      terminal.print(`${formatTime(atMs)}  ${who}  ${what}${reason === null ? '' : `: ${reason}`}`);
    }
    if (history.length === 0) terminal.say(`Nobody has done anything to batch ${batchId} yet.`);
  }
  return EXIT.ok;
}
