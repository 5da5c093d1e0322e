import type { Command } from 'commander';
import { type Batch, countEnded, countWithoutSession } from '../../lib/core/batch.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { type Query, runQuery } from '../query.ts';
import { formatCount } from '../summary.ts';

export function addBatchesCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('batches')
    .summary('what there is, newest first')
    .description('Lists the batches, newest first.')
    .option('--json', 'one JSON object a line', false)
    .addHelpText('after', '\nExample:\n  kling-sessions batches');
  runQuery(command, onExit, listBatches);
}

async function listBatches(
  { stores, terminal }: Query,
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
  const created = new Date(createdAtMs).toISOString().slice(0, 16).replace('T', ' ');
  const without = countWithoutSession(counts);
  return [
    id.padEnd(32),
    state.padEnd(10),
    `${formatCount(countEnded(counts))}/${formatCount(rows)} rows`.padEnd(20),
    `${without === 0 ? '' : `${formatCount(without)} without session`}`.padEnd(22),
    `${created} UTC`,
  ].join('  ');
}
