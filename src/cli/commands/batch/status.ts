import type { Command } from 'commander';
import type { BatchStatus } from '../../../lib/batch/batch-status.ts';
import { countBehind, describeCopy } from '../../../lib/core/feed/copy-state.ts';
import { findBatch } from '../../../library/find-batch.ts';
import type { Stores } from '../../../library/wiring/stores.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
import { listenForStop } from '../../process/signals.ts';
import { describeMending, type Mending, readMending } from '../../show/mending.ts';
import { describeStatus, formatTime } from '../../show/summary.ts';
import { type RedisCommand, withBatches } from '../with-redis.ts';

interface StatusFlags {
  watch: boolean;
  history: boolean;
  json: boolean;
}

export function addStatusCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('status')
    .description(
      'Shows the progress of a batch: counts, rate, time left, live and expired sessions, and the most common errors. If nothing moves, one sentence says why.',
    )
    .argument('<batch>', 'the id that `import` printed')
    .option('--watch', 'keep showing the progress; Ctrl-C leaves the batch running', false)
    .option('--history', 'who did what to the batch, newest first', false)
    .option('--json', 'print it as JSON', false)
    .addHelpText('after', '\nExample:\n  kling-sessions status clips-1a2b3c4d --watch');
  withBatches(command, onExit, showStatus);
}

async function showStatus(
  query: RedisCommand,
  flags: StatusFlags,
  batchId = '',
): Promise<ExitCode> {
  const { stores, terminal, settings } = query;
  await findBatch(stores.store, batchId);
  if (flags.history) return await showHistory(query, flags, batchId);
  if (flags.watch) await watch(query, batchId);
  const { readStatusOf } = await import('../../../library/wiring/batch-status.ts');
  const picture = await readStatusOf(stores, settings, batchId);
  const mending = await readMending(stores, picture.batch);
  const database = await readDatabase(stores);
  if (flags.json) terminal.print(JSON.stringify({ ...picture, mending, database }));
  else {
    printPicture(query, picture, mending);
    if (database !== null) terminal.print(`\n${database.sentence}`);
  }
  return EXIT.ok;
}

/** How far the results database is; null where none is in use. */
async function readDatabase({ copyState, feed }: Stores) {
  const state = await copyState.read();
  if (state === null) return null;
  const latest = await feed.readLatest();
  const sentence = describeCopy(state, latest);
  return { ...state, changesBehind: countBehind(state, latest), sentence };
}

async function watch({ stores, terminal, settings }: RedisCommand, batchId: string): Promise<void> {
  const { watchBatch } = await import('../../show/watch-batch.ts');
  using signals = listenForStop(0);
  const signal = signals.stopping;
  const end = await watchBatch({
    ...{ terminal, stores, settings, batchId, signal },
    exitWhenBlocked: false,
  });
  if (end.kind === 'interrupted') terminal.say(`Batch ${batchId} continues.`);
}

function printPicture(
  { terminal }: RedisCommand,
  picture: BatchStatus,
  mending: Mending | null,
): void {
  for (const line of describeStatus(terminal, picture)) terminal.print(line);
  for (const line of describeMending(picture.batch, mending)) terminal.print(line);
}

async function showHistory(
  { stores, terminal }: RedisCommand,
  flags: StatusFlags,
  batchId: string,
): Promise<ExitCode> {
  const history = await stores.steering.readHistory(batchId);
  if (flags.json) terminal.print(JSON.stringify(history));
  else {
    for (const { atMs, who, what, reason } of history) {
      terminal.print(`${formatTime(atMs)}  ${who}  ${what}${reason === null ? '' : `: ${reason}`}`);
    }
    if (history.length === 0) terminal.say(`Batch ${batchId} has no history yet.`);
  }
  return EXIT.ok;
}
