import { countCalls } from '../../../lib/core/continuing/describe-continuation.ts';
import { estimateTurnMs } from '../../../lib/core/gate/estimate-turn.ts';
import { formatRows } from '../../../lib/core/in-words.ts';
import { openProber } from '../../../library/wiring/prober.ts';
import { openReadings } from '../../../library/wiring/stores.ts';
import type { Comparison } from '../../../producer/comparing/comparison.ts';
import type { RowPick } from '../../../producer/pick-rows.ts';
import { type Plan, planImport } from '../../../producer/plan-import.ts';
import { probeSample, type SampledVideo } from '../../../producer/probe-sample.ts';
import { searchPath } from '../../process/environment.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
import { ProblemsFile } from '../../show/problems-file.ts';
import { besideManifest, refuseManifest } from '../../show/report-place.ts';
import {
  describePlan,
  describeSample,
  describeShape,
  type PlanReport,
  planJson,
} from '../../show/show-plan.ts';
import { readPresentPace } from '../../wiring/present-pace.ts';
import { compareOrExit, comparisonJson, describeComparison } from './compare-manifest.ts';
import type { ImportTask } from './import-task.ts';
import { type PlannedContinuation, planContinuing } from './plan-continuing.ts';

/** `import --dry-run`: shows everything that an import would find, and changes nothing but the file of problems. */
export async function executePlan(task: ImportTask): Promise<ExitCode> {
  const { manifest, flags, settings, terminal } = task;
  const comparison = flags.diff === undefined ? null : await compare(task, flags.diff);
  const continuation = flags.diff === undefined ? await planContinuing(task) : null;
  const pick = pickOf(task, comparison);
  const pace = await readPresentPace(settings, flags.priority);
  const planned = await planRows(task, pick, pace);
  const { problemsFile } = planned;
  const plan = withCallsOnly(planned.plan, continuation, pace);
  const sample = flags.probe ? await probeSomeRows(task, pick, plan.counts.url) : null;
  const report: PlanReport = { manifest, plan, pace, problemsFile, sample };
  if (flags.json) {
    const diff = comparison && comparisonJson(comparison);
    terminal.print(JSON.stringify({ ...planJson(report), diff, continuation }));
  } else {
    for (const line of describe(task, report, comparison, continuation)) terminal.print(line);
  }
  return isAllGood(plan, sample) ? EXIT.ok : EXIT.withoutSession;
}

/** Rows that keep their sessions take no time. */
function withCallsOnly(
  plan: Plan,
  continuation: PlannedContinuation | null,
  pace: PlanReport['pace'],
): Plan {
  const counts = continuation?.counts ?? null;
  return counts === null ? plan : { ...plan, durationMs: estimateTurnMs(countCalls(counts), pace) };
}

async function compare(task: ImportTask, batchId: string): Promise<Comparison> {
  await using readings = await openReadings(task.settings, 'kling-sessions-plan');
  return await compareOrExit(task, batchId, readings);
}

function pickOf({ flags }: ImportTask, comparison: Comparison | null): RowPick {
  if (comparison !== null && flags.only !== undefined) return { picked: comparison.picked };
  return flags.limit === null ? {} : { limit: flags.limit };
}

async function planRows(
  { input, manifest, flags, terminal, signal }: ImportTask,
  pick: RowPick,
  pace: PlanReport['pace'],
): Promise<Pick<PlanReport, 'plan' | 'problemsFile'>> {
  const place = { name: manifest.name, suffix: '.problems.csv' };
  const path = flags.problems ?? (await besideManifest(input, place));
  await refuseManifest(path, input);
  await using problems = new ProblemsFile(path);
  // If a file is named, the command waits until it is written.
  if (flags.problems !== undefined) await problems.write([]);
  const plan = await planImport(
    {
      ...pick,
      now: Date.now,
      pace,
      onFindings: (findings) => problems.write(findings),
      onProgress: (rows) => terminal.live(`Checking: ${formatRows(rows)}`),
      signal,
    },
    manifest,
  );
  return { plan, problemsFile: await problems.finish() };
}

async function probeSomeRows(
  { manifest, flags, settings, terminal, signal }: ImportTask,
  pick: RowPick,
  urlRows: number,
): Promise<SampledVideo[]> {
  await using prober = await openProber(settings, searchPath());
  const context = {
    ...pick,
    prober,
    concurrency: settings.PROBE_CONCURRENCY,
    strictFps: flags.strictFps,
    onProgress: (probed: number) => terminal.live(`Probing a sample: ${probed} videos`),
    signal,
  };
  return await probeSample(context, manifest, urlRows);
}

function describe(
  { terminal, flags }: ImportTask,
  report: PlanReport,
  comparison: Comparison | null,
  continuation: PlannedContinuation | null,
): string[] {
  const difference =
    comparison === null
      ? []
      : [`Compared with ${flags.diff}:`, ...describeComparison(terminal, comparison), ''];
  const sample = report.sample === null ? [] : describeSample(terminal, report.sample);
  return [
    ...describeShape(report.manifest),
    '',
    ...difference,
    ...(continuation === null ? [] : [...continuation.sentences, '']),
    ...describePlan(terminal, report),
    ...sample,
    '',
    'Nothing was imported.',
  ];
}

/** Rows that certainly end without a session count; rows that may be too late do not. */
function isAllGood(plan: Plan, sample: SampledVideo[] | null): boolean {
  const isSampleGood = sample?.every(({ verdict }) => verdict === 'accepted') ?? true;
  return plan.counts.invalid === 0 && plan.expired === 0 && isSampleGood;
}
