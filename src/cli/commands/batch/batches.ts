import type { Command } from 'commander';
import { setBatchPriority } from '../../../lib/batch/steer-batch.ts';
import {
  type Batch,
  countEnded,
  countPending,
  countWithoutSession,
} from '../../../lib/core/batch/batch.ts';
import { formatCount } from '../../../lib/core/in-words.ts';
import { findBatch } from '../../actions/find-batch.ts';
import { priorityNumber } from '../../options/options.ts';
import { CliError, EXIT, type ExitCode } from '../../process/exit.ts';
import { whoAmI } from '../../process/who.ts';
import { formatTime } from '../../show/summary.ts';
import { type RedisCommand, withRedis } from '../with-redis.ts';

export function addBatchesCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const batches = program
    .command('batches')
    .description('Lists the batches, sets their priority, or removes them.')
    .addHelpText('after', '\nExample:\n  kling-sessions batches set-priority clips-1a2b3c4d 40');
  const list = batches
    .command('list', { isDefault: true })
    .description('Lists the batches, newest first.')
    .option('--json', 'one JSON object a line', false);
  withRedis(list, onExit, listBatches);
  const setPriority = batches
    .command('set-priority')
    .description(
      'Changes the share of the work that a batch has beside others: twice the priority, twice the share.',
    )
    .argument('<batch>', 'the id that `import` printed')
    .argument('<priority>', '1 to 100; batches begin with 10', priorityNumber)
    .option('--reason <text>', "kept in the batch's history")
    .option('--json', 'print what it came to as JSON', false);
  withRedis(setPriority, onExit, changePriority);
  const remove = batches
    .command('rm')
    .description('Deletes a batch that has ended, with its rows and results.')
    .argument('<batch>', 'the id that `import` printed');
  withRedis(remove, onExit, removeBatch);
}

async function listBatches(
  { stores, terminal }: RedisCommand,
  flags: { json: boolean },
): Promise<ExitCode> {
  let count = 0;
  for await (const batch of stores.overview.listBatches()) {
    terminal.print(flags.json ? JSON.stringify(batch) : describe(batch));
    count += 1;
  }
  if (count === 0) terminal.say('There are no batches yet; `kling-sessions import` makes one.');
  return EXIT.ok;
}

function describe({ id, state, rows, counts, createdAtMs }: Batch): string {
  const without = countWithoutSession(counts);
  return [
    id.padEnd(32),
    state.padEnd(10),
    `${formatCount(countEnded(counts))}/${formatCount(rows)} rows`.padEnd(20),
    `${without === 0 ? '' : `${formatCount(without)} without session`}`.padEnd(22),
    formatTime(createdAtMs),
  ].join('  ');
}

async function changePriority(
  { stores, terminal }: RedisCommand,
  flags: { reason?: string; json: boolean },
  batchId = '',
  parsed = '',
): Promise<ExitCode> {
  const priority = Number(parsed);
  await findBatch(stores.store, batchId);
  const act = { who: whoAmI(), reason: flags.reason ?? null };
  await setBatchPriority({ ...stores, now: Date.now }, batchId, priority, act);
  terminal.print(
    flags.json ? JSON.stringify({ batchId, priority }) : `${batchId} has priority ${priority}.`,
  );
  return EXIT.ok;
}

async function removeBatch(
  { stores, terminal }: RedisCommand,
  _flags: object,
  batchId = '',
): Promise<ExitCode> {
  const batch = await findBatch(stores.store, batchId);
  if (countPending(batch.counts) > 0 || batch.state === 'importing') {
    throw new CliError(
      EXIT.usage,
      `Batch ${batchId} is ${batch.state}; \`kling-sessions cancel ${batchId}\` ends it first.`,
    );
  }
  await stores.steering.remove(batch);
  terminal.print(`${batchId} is removed.`);
  return EXIT.ok;
}
