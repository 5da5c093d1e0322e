import type { Command } from 'commander';
import { positiveInteger } from '../../options/options.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
import { type RedisCommand, withBatches } from '../with-redis.ts';

const DEFAULT_LIMIT = 20;

export function addFindCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('find')
    .description(
      'Finds rows by your own key in all batches that were imported with --key: those with a live session first. Exits with 0 if a session is alive, otherwise with 3.',
    )
    .argument(
      '<key>',
      'the value of the key column; for several columns, their values separated by commas',
    )
    .option('--limit <n>', 'rows to show', positiveInteger, DEFAULT_LIMIT)
    .option('--json', 'print each row as in a JSONL report', false)
    .addHelpText(
      'after',
      '\nExamples:\n  kling-sessions find SKU-0003\n  kling-sessions find SKU-0003 --json | head -1 | jq -r .kling_session_id',
    );
  withBatches(command, onExit, showRows);
}

async function showRows(
  { stores, terminal }: RedisCommand,
  { limit, json }: { limit: number; json: boolean },
  key = '',
): Promise<ExitCode> {
  const { findByKey } = await import('../../../lib/rows/find-by-key.ts');
  const { describeMatches, matchLines } = await import('../../show/show-matches.ts');
  const nowMs = Date.now();
  const found = await findByKey(stores, key, { limit, nowMs });
  const lines = json ? matchLines(found) : describeMatches(terminal, key, found, nowMs);
  for (const line of lines) terminal.print(line);
  return found.matches[0]?.isAlive === true ? EXIT.ok : EXIT.withoutSession;
}
