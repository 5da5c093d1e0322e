import { isEnded } from '../../../lib/core/batch/batch.ts';
import { formatCount, formatRows } from '../../../lib/core/in-words.ts';
import { findBatch } from '../../../library/find-batch.ts';
import { openReadings } from '../../../library/wiring/stores.ts';
import { compareWithBatch } from '../../../producer/comparing/compare-with-batch.ts';
import {
  COMPARISON_KINDS,
  type ComparedRow,
  type Comparison,
  type ComparisonKind,
} from '../../../producer/comparing/comparison.ts';
import { ContinuedTable } from '../../../producer/continuing/continued-table.ts';
import type { StandingsContext } from '../../../producer/continuing/read-standings.ts';
import { CliError, EXIT, type ExitCode } from '../../process/exit.ts';
import type { Terminal } from '../../process/terminal.ts';
import type { ImportTask } from './import-task.ts';

const EXPLANATIONS: Record<ComparisonKind, string> = {
  new: 'not in the batch',
  failed: 'in the batch, where they ended without a session',
  unchanged: 'in the batch, with a session or under way',
  invalid: 'malformed in the manifest',
  repeated: 'repeat an earlier row of the manifest',
  removed: 'in the batch, but no longer in the manifest',
};

/** `import --diff` alone: shows the difference. */
export async function executeComparison(task: ImportTask, batchId: string): Promise<ExitCode> {
  const { settings, terminal, flags } = task;
  await using readings = await openReadings(settings, 'kling-sessions-compare');
  const comparison = await compareOrExit(task, batchId, readings);
  if (flags.json) terminal.print(JSON.stringify(comparisonJson(comparison)));
  else for (const line of describeComparison(terminal, comparison)) terminal.print(line);
  terminal.say('Nothing was imported; --only new,failed imports just those rows.');
  return EXIT.ok;
}

/** @throws CliError (2) when there is no such batch, or the batch cannot be compared with yet. */
export async function compareOrExit(
  { manifest, flags, terminal, signal }: ImportTask,
  batchId: string,
  readings: StandingsContext,
): Promise<Comparison> {
  const { store } = readings;
  const batch = await findBatch(store, batchId);
  const kinds = flags.only ?? [];
  if (batch.state === 'importing') {
    throw new CliError(EXIT.usage, `Batch ${batchId} is still being imported; compare afterwards.`);
  }
  if (kinds.includes('failed') && !isEnded(batch.state)) {
    throw new CliError(
      EXIT.usage,
      `Batch ${batchId} is ${batch.state}, so its failed rows are not known yet; wait until it ends, or use --only new.`,
    );
  }
  const onProgress = (rows: number): void =>
    terminal.live(`Comparing with ${batchId}: ${formatRows(rows)}`);
  const context = { store, onProgress, signal };
  const table = ContinuedTable.of(readings, batch);
  return await compareWithBatch(context, manifest, table, { kinds, key: flags.key });
}

export function describeComparison(terminal: Terminal, comparison: Comparison): string[] {
  const { counts, examples } = comparison;
  const width = Math.max(...Object.values(counts).map((count) => String(count).length));
  return COMPARISON_KINDS.flatMap((kind) => {
    const count = String(counts[kind]).padStart(width);
    const explanation = terminal.style('dim', EXPLANATIONS[kind]);
    const rest = counts[kind] - examples[kind].length;
    return [
      `  ${count}  ${kind.padEnd(9)}  ${explanation}`,
      ...(kind === 'unchanged' ? [] : examples[kind].map((row) => describeRow(kind, row))),
      ...(kind !== 'unchanged' && rest > 0 ? [`       … and ${formatCount(rest)} more`] : []),
    ];
  });
}

/** For an invalid row, the defect says what is wrong. */
function describeRow(kind: ComparisonKind, { line, row, source, remark }: ComparedRow): string {
  if (kind === 'invalid' && remark !== null) return `       ${remark}`;
  const place = kind === 'removed' ? `row ${row}` : `line ${line}`;
  return `       ${place}: ${source}${remark === null ? '' : ` · ${remark}`}`;
}

export const comparisonJson = ({
  counts,
  examples,
}: Comparison): Pick<Comparison, 'counts' | 'examples'> => ({ counts, examples });
