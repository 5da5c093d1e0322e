import type { Command } from 'commander';
import { repairBatch } from '../../../lib/batch/repair-batch.ts';
import { KEPT_PROBLEMS, type Verification, verifyBatch } from '../../../lib/batch/verify-batch.ts';
import { verifyJobs } from '../../../lib/batch/verify-jobs.ts';
import { formatCount, formatNumber, formatRows } from '../../../lib/core/in-words.ts';
import { findBatch } from '../../../library/find-batch.ts';
import type { Stores } from '../../../library/wiring/stores.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
import { type RedisCommand, withBatches } from '../with-redis.ts';

export function addVerifyCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('verify')
    .description(
      'Recounts a batch row by row: every row is in the store, has at most one outcome or is somewhere under way, no session is recorded twice or was opened for another video, no row under way lacks a job, and the counters equal the recount. Exits with 1 if any of this is wrong.',
    )
    .argument('<batch>', 'the id that `import` printed')
    .option(
      '--repair',
      'put back what is missing, end rows that have the session of another video as unconfirmed, and count again',
      false,
    )
    .option('--json', 'print the findings as JSON', false)
    .addHelpText('after', '\nExample:\n  kling-sessions verify clips-1a2b3c4d --repair');
  withBatches(command, onExit, verify);
}

const REPAIRED = 'Repaired what can be repaired; counting again.';
const MOVED_TOO_FAST = (batchId: string): string =>
  `Queued again what was lost. The batch moves too fast for its counters to be set: \`kling-sessions pause ${batchId}\`, then repair once more.`;

async function verify(
  { stores, terminal }: RedisCommand,
  flags: { json: boolean; repair: boolean },
  batchId = '',
): Promise<ExitCode> {
  let found = await check(stores, batchId);
  if (flags.repair && found.problemCount > 0) {
    for (const problem of found.problems) terminal.say(problem);
    const isCounted = await repairBatch({ ...stores, now: Date.now }, batchId);
    terminal.say(isCounted ? REPAIRED : MOVED_TOO_FAST(batchId));
    found = await check(stores, batchId);
  }
  if (flags.json) terminal.print(JSON.stringify(found));
  else for (const line of describe(found)) terminal.print(line);
  return found.problemCount === 0 ? EXIT.ok : EXIT.unexpected;
}

async function check(stores: Stores, batchId: string): Promise<Verification> {
  const batch = await findBatch(stores.store, batchId);
  const found = await verifyBatch(stores.store, batch);
  const jobless = await verifyJobs(stores, batch);
  return {
    ...found,
    problems: [...found.problems, ...jobless].slice(0, KEPT_PROBLEMS),
    problemCount: found.problemCount + jobless.length,
  };
}

function describe({ rows, outcomes, pending, problems, problemCount }: Verification): string[] {
  const more = problemCount - problems.length;
  return [
    `${formatRows(rows)} = ${formatNumber(outcomes, 'outcome')} + ${formatCount(pending)} pending`,
    ...problems,
    ...(more > 0 ? [`… and ${formatCount(more)} more.`] : []),
  ];
}
