import { formatCount, formatNumber, formatTimeLeft } from '../../lib/core/in-words.ts';
import { MANIFEST_ROLES, type ManifestShape } from '../../lib/core/manifest/manifest.ts';
import { showColumn } from '../../lib/core/manifest/show-value.ts';
import { redactUrl } from '../../lib/core/redact-url.ts';
import type { Manifest } from '../../producer/manifest/open-manifest.ts';
import type { Plan } from '../../producer/plan-import.ts';
import type { SampledVideo } from '../../producer/probe-sample.ts';
import type { Terminal } from '../process/terminal.ts';
import type { PresentPace } from '../wiring/present-pace.ts';

/** Everything that a dry run found. */
export interface PlanReport {
  manifest: Manifest;
  plan: Plan;
  pace: PresentPace;
  /** The file with all findings; null when there were none. */
  problemsFile: string | null;
  /** Null when no sample was asked for. */
  sample: SampledVideo[] | null;
}

const DELIMITER_NAMES: Record<string, string> = { '\t': 'TAB' };

/** How the manifest was understood. */
export function describeShape(manifest: Manifest): string[] {
  const { name, shape } = manifest;
  const roles = MANIFEST_ROLES.flatMap((role) => {
    const column = shape.roles[role];
    return column === null ? [] : [`  ${role.padEnd(16)}  from "${showColumn(column)}"`];
  });
  const own = ownColumns(shape).map((column) => `"${showColumn(column)}"`);
  return [
    `${name}: ${describeFormat(manifest)}`,
    ...roles,
    ...(own.length === 0 ? [] : [`  ${'yours'.padEnd(16)}  ${own.join(', ')}`]),
  ];
}

function describeFormat({ container, sheet, shape }: Manifest): string {
  const { format, delimiter, columns } = shape;
  const width = formatNumber(columns.length, 'column');
  if (container === 'workbook') return `sheet "${sheet}" of a workbook, a header of ${width}`;
  if (container === 'parquet') return `Parquet, ${width}`;
  switch (format) {
    case 'csv':
      return `CSV, a header of ${width}, cells separated by ${DELIMITER_NAMES[delimiter ?? ''] ?? delimiter}`;
    case 'jsonl':
      return `JSONL, one object per line, ${columns.length} keys`;
    case 'list':
      return 'a list of addresses, one per line, no header';
  }
}

/** Columns that the report returns unchanged. */
function ownColumns({ columns, roles }: ManifestShape): string[] {
  const used = new Set<string | null>(Object.values(roles));
  return columns.filter((column) => !used.has(column));
}

/** The counts, what is wrong, and how long the batch would take. */
export function describePlan(terminal: Terminal, report: PlanReport): string[] {
  const { plan, problemsFile } = report;
  return [
    ...describeCounts(plan),
    ...describeProblems(terminal, plan),
    ...(problemsFile === null ? [] : ['', `All of them: ${problemsFile}`]),
    '',
    ...describeTime(report),
  ];
}

function describeCounts(plan: Plan): string[] {
  const { url, kling, invalid, duplicate } = plan.counts;
  const width = formatCount(plan.rows).length;
  const line = (count: number, what: string): string =>
    `  ${formatCount(count).padStart(width)}  ${what}`;
  const maybe = (count: number, what: string): string[] => (count > 0 ? [line(count, what)] : []);
  return [
    line(url, 'with an address'),
    line(kling, 'with video_id and task_id'),
    line(invalid, 'invalid'),
    line(duplicate, 'repeat an earlier row and would carry its session'),
    `  ${'─'.repeat(width)}`,
    line(plan.rows, 'rows'),
    ...maybe(plan.expired, 'of them expired'),
    ...maybe(plan.expiringEarly, 'of them likely to expire before their turn'),
  ];
}

function describeProblems(terminal: Terminal, { problems, duplicates }: Plan): string[] {
  return [
    ...titled(terminal, 'The first problems (at most 20):', problems),
    ...titled(terminal, 'The first repetitions (at most 10):', duplicates),
  ];
}

function titled(terminal: Terminal, title: string, findings: Plan['problems']): string[] {
  if (findings.length === 0) return [];
  return ['', terminal.style('bold', title), ...findings.map(({ message }) => `  ${message}`)];
}

function describeTime({ plan, pace }: PlanReport): string[] {
  const time = formatTimeLeft(plan.durationMs / 1_000);
  return [
    `It would take ${time}, ${pace.explanation}.`,
    ...(pace.obstacle === null ? [] : [`But at present: ${pace.obstacle}`]),
  ];
}

/** The verdicts on a sample of the videos. */
export function describeSample(terminal: Terminal, sample: SampledVideo[]): string[] {
  const count = (verdict: SampledVideo['verdict']): number =>
    sample.filter((video) => video.verdict === verdict).length;
  const warned = sample.filter(({ warnings }) => warnings.length > 0).length;
  return [
    '',
    terminal.style('bold', `A sample of ${sample.length} videos:`),
    `  ${count('accepted')} accepted (${warned} of the sample with warnings), ${count('rejected')} rejected, ${count('failed')} could not be read`,
    ...sample.filter(({ verdict }) => verdict !== 'accepted').map(describeVideo),
  ];
}

function describeVideo({ line, videoUrl, verdict, remarks }: SampledVideo): string {
  const why = remarks.map(({ message }) => message).join('; ');
  return `  line ${line}: ${verdict}: ${why} (${redactUrl(videoUrl)})`;
}

export function planJson(report: PlanReport): Record<string, unknown> {
  const { manifest, plan, pace, problemsFile, sample } = report;
  const { name, sha256, sizeBytes, shape, sheet, notes } = manifest;
  const { rowsPerSecond, basis, explanation, obstacle } = pace;
  const { durationMs, ...findings } = plan;
  return {
    manifest: { name, sha256, sizeBytes, ...shape, sheet, ownColumns: ownColumns(shape), notes },
    ...findings,
    problemsFile,
    estimate: { durationMs, rowsPerSecond, basis, explanation, obstacle },
    sample: sample?.map((video) => ({ ...video, videoUrl: redactUrl(video.videoUrl) })) ?? null,
  };
}
