import type { Command } from 'commander';
import { formatRows } from '../../../lib/core/in-words.ts';
import { findBatch } from '../../../library/find-batch.ts';
import { positiveInteger } from '../../options/options.ts';
import { CliError, EXIT, type ExitCode } from '../../process/exit.ts';
import { type RedisCommand, withBatches } from '../with-redis.ts';

export function addRowCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('row')
    .description(
      'Shows one row: your cells, how it ended, every call that was made for it, and how it ended before it was retried or refreshed.',
    )
    .argument('<batch>', 'the id that `import` printed')
    .argument('<number>', 'the row, from 1 (kling_row in the report)', positiveInteger)
    .option('--json', 'print it as JSON', false)
    .addHelpText('after', '\nExample:\n  kling-sessions row clips-1a2b3c4d 7');
  withBatches(command, onExit, showRow);
}

async function showRow(
  { stores, terminal }: RedisCommand,
  flags: { json: boolean },
  batchId = '',
  parsed = '',
): Promise<ExitCode> {
  const batch = await findBatch(stores.store, batchId);
  const { readRowHistory } = await import('../../../lib/rows/row-history.ts');
  const history = await readRowHistory(stores, batch, Number(parsed));
  if (history === null) {
    throw new CliError(
      EXIT.usage,
      `There is no row ${parsed} in batch ${batchId}; it has ${formatRows(batch.rows)}.`,
    );
  }
  if (flags.json) terminal.print(JSON.stringify(history));
  else {
    const { describeRow } = await import('../../show/show-row.ts');
    for (const line of describeRow(terminal, history, Date.now())) terminal.print(line);
  }
  return EXIT.ok;
}
