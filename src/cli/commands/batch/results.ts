import { type Command, InvalidArgumentError, Option } from 'commander';
import { explainUnread } from '../../../lib/core/batch/explain-unread.ts';
import { type Position, parsePosition } from '../../../lib/core/feed/position.ts';
import { formatRows } from '../../../lib/core/in-words.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../../lib/core/row/row.ts';
import type { RowStatus } from '../../../lib/report/read-entries.ts';
import type { ReportFormat } from '../../../lib/report/report-formatter.ts';
import { findBatch } from '../../../library/find-batch.ts';
import { CliError, EXIT, type ExitCode } from '../../process/exit.ts';
import { mendReport } from '../../show/mend-report.ts';
import { outOf, refuseManifestOf, reportFormatOf, STDOUT } from '../../show/report-place.ts';
import { writeBatchReport } from '../../show/write-batch-report.ts';
import { type RedisCommand, withBatches } from '../with-redis.ts';

interface ResultsFlags {
  follow: boolean;
  all: boolean;
  after?: Position | 'beginning';
  out?: string;
  format?: ReportFormat;
  status?: ReadonlySet<RowStatus>;
  guard: boolean;
  withMends: boolean;
}

export function addResultsCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('results')
    .description(
      'Writes the report: one line per manifest row, in manifest order, your columns as they were and then the kling_* columns. ' +
        'It is itself a valid manifest; with --status it holds only the rows to fix and submit again.',
    )
    .argument('[batch]', 'the id that `import` printed')
    .option(
      '--follow',
      'print each row as one line of JSON as soon as it ends, until the batch has ended; rows that ended before come first',
      false,
    )
    .option('--all', 'with --follow: the rows of all batches, without an end', false)
    .option(
      '--after <position>',
      'with --follow: continue after the line that had this `kling_position`',
      positionFlag,
    )
    .option('--out <file>', 'write to a file (.csv, .tsv, .jsonl or .xlsx) instead of stdout')
    .addOption(
      new Option('--format <format>', 'default: by the extension of --out, else csv').choices([
        'csv',
        'tsv',
        'jsonl',
        'xlsx',
      ]),
    )
    .option(
      '--status <list>',
      'only rows with one of these, comma-separated, for example failed,rejected',
      statuses,
    )
    .option(
      '--with-mends',
      'one report over this batch and all batches that mend it (`import --mends`): a corrected row is shown with its session and its values in the place of the row it stands for',
      false,
    )
    .option('--guard', 'also escape formulas in your own cells (formula injection)', false)
    .addHelpText(
      'after',
      '\nExamples:\n  kling-sessions results clips-1a2b3c4d --status failed,rejected --out fix.csv\n' +
        '  kling-sessions results --follow --all --after 812-44 | ./load-into-our-system',
    );
  withBatches(command, onExit, results, ({ follow }) => (follow ? 'resilient' : 'impatient'));
}

async function results(
  query: RedisCommand,
  flags: ResultsFlags,
  batchId?: string,
): Promise<ExitCode> {
  const problem = findContradiction(flags, batchId);
  if (problem !== null) throw new CliError(EXIT.usage, problem);
  if (!flags.follow) return await writeResults(query, flags, batchId);
  const { followToStdout } = await import('../../show/follow-results.ts');
  const { after = 'beginning' } = flags;
  return await followToStdout(query, {
    batchId: batchId ?? null,
    after: after === 'beginning' ? null : after,
  });
}

function findContradiction(
  { follow, all, after, out, format, status, guard, withMends }: ResultsFlags,
  batchId: string | undefined,
): string | null {
  const isForFile =
    out !== undefined || format !== undefined || status !== undefined || guard || withMends;
  if (!follow && (all || after !== undefined)) return '--all and --after need --follow.';
  if (follow && isForFile) {
    return '--follow prints all rows as JSON lines and cannot be combined with --out, --format, --status, --with-mends or --guard.';
  }
  if (all && batchId !== undefined) return 'Name a batch or give --all, not both.';
  if (!all && batchId === undefined) {
    return follow
      ? 'Name a batch, or give --all.'
      : 'Name a batch; `kling-sessions batches` lists them.';
  }
  return null;
}

async function writeResults(
  { stores, terminal }: RedisCommand,
  flags: ResultsFlags,
  batchId = '',
): Promise<ExitCode> {
  const out = fileOf(flags);
  const batch = await findBatch(stores.store, batchId);
  if (out !== null) await refuseManifestOf(batch, out);
  const mended = flags.withMends ? await mendReport(stores, batch, flags.status ?? null) : null;
  const rows = await writeBatchReport(stores.store, batch, {
    destination: out ?? process.stdout,
    escapesFormulas: flags.guard,
    ...(flags.format && { format: flags.format }),
    ...(flags.status && { statuses: flags.status }),
    ...(mended && { lines: mended.lines }),
  });
  const written = out === null ? null : `${formatRows(rows)} written to ${out}.`;
  for (const sentence of [explainUnread(batch), mended?.sentence ?? null, written]) {
    if (sentence !== null) terminal.say(sentence);
  }
  return EXIT.ok;
}

/** The file to write; null for standard output. @throws CliError (2) when the format cannot go there. */
function fileOf({ out, format }: ResultsFlags): string | null {
  if (out !== undefined && outOf(out) !== STDOUT) {
    if (format === undefined) reportFormatOf(out);
    return out;
  }
  if (format !== 'xlsx' || !process.stdout.isTTY) return null;
  throw new CliError(
    EXIT.usage,
    'A workbook cannot be shown on a terminal; name a file with --out.',
  );
}

/** An empty text comes from a program that has stored no position yet. */
function positionFlag(text: string): Position | 'beginning' {
  if (text === '') return 'beginning';
  const position = parsePosition(text);
  if (position !== null) return position;
  throw new InvalidArgumentError('Use the `kling_position` of a line, for example 812-44.');
}

function statuses(text: string): ReadonlySet<RowStatus> {
  const known: readonly RowStatus[] = [...PENDING_STATES, ...OUTCOME_STATUSES];
  const wanted = text.split(',').map((part) => part.trim());
  const found = known.filter((status) => wanted.includes(status));
  if (found.length === new Set(wanted).size) return new Set(found);
  throw new InvalidArgumentError(`Use some of ${known.join(', ')}.`);
}
