import type { Command } from 'commander';
import { verifyBatch } from '../../lib/verify-batch.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { findBatch } from '../find-batch.ts';
import { type Query, runQuery } from '../query.ts';
import { formatCount } from '../summary.ts';

export function addVerifyCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('verify')
    .summary('rows in = outcomes out, row by row')
    .description(
      'Recounts a batch row by row: every row is in the store, has at most one outcome or is somewhere under way, no session is recorded twice, and the counters equal the recount. Exits 1 when not.',
    )
    .argument('<batch>', 'the id that `import` printed')
    .option('--json', 'print the findings as JSON', false)
    .addHelpText('after', '\nExample:\n  kling-sessions verify clips-1a2b3c4d');
  runQuery(command, onExit, verify);
}

async function verify(
  { stores, terminal }: Query,
  flags: { json: boolean },
  batchId = '',
): Promise<ExitCode> {
  const batch = await findBatch(stores.store, batchId);
  const found = await verifyBatch(stores.store, batch);
  if (flags.json) terminal.print(JSON.stringify(found));
  else {
    const { rows, outcomes, pending } = found;
    terminal.print(
      `${formatCount(rows)} rows = ${formatCount(outcomes)} outcomes + ${formatCount(pending)} pending`,
    );
    for (const problem of found.problems) terminal.print(problem);
    if (found.problemCount > found.problems.length) {
      terminal.print(`… and ${formatCount(found.problemCount - found.problems.length)} more.`);
    }
  }
  return found.problemCount === 0 ? EXIT.ok : EXIT.unexpected;
}
