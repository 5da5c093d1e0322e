import { estimateTurnMs, type Pace } from '../lib/core/gate/estimate-turn.ts';
import { checkRow } from '../lib/core/manifest/check-row.ts';
import type { ManifestRow, ManifestShape } from '../lib/core/manifest/manifest.ts';
import type { Source } from '../lib/core/manifest/source.ts';
import { RowDigests } from '../lib/rows/row-digests.ts';
import { comparableCells } from './comparable-cells.ts';
import { findDeadline } from './find-deadline.ts';
import type { Manifest } from './manifest/open-manifest.ts';
import { pickRows, type RowPick } from './pick-rows.ts';

/**
 * - `invalid`: the row is malformed.
 * - `expired`: its address has expired, or its Kling video is too old; it would end without a session.
 * - `expires_early`: this will probably happen before its turn.
 * - `duplicate`: it repeats an earlier row; it would carry that row's session.
 */
export type FindingKind = 'invalid' | 'expired' | 'expires_early' | 'duplicate';

export interface PlanFinding {
  kind: FindingKind;
  row: number;
  line: number;
  code: string;
  /** Null when it is about the whole row. */
  column: string | null;
  /** The value, without credentials; null when there is none to show. */
  value: string | null;
  message: string;
}

/** The result that an import would have. */
export interface Plan {
  rows: number;
  /** Rows by kind; they add up to all rows. */
  counts: { url: number; kling: number; invalid: number; duplicate: number };
  /** Of `url` and `kling`: those that have expired, and those likely to expire before their turn. */
  expired: number;
  expiringEarly: number;
  /** The first findings except duplicates, at most 20. */
  problems: PlanFinding[];
  /** The first duplicates, at most 10. */
  duplicates: PlanFinding[];
  /** The time until the last row has ended, if it started now. */
  durationMs: number;
}

const MAX_PROBLEMS = 20;
const MAX_DUPLICATES = 10;

export interface PlanContext extends RowPick {
  now: () => number;
  pace: Pace;
  /** Receives all findings, in the manifest's order. */
  onFindings: (findings: PlanFinding[]) => Promise<void>;
  onProgress?: (rows: number) => void;
  signal: AbortSignal;
}

/**
 * Reads and checks a manifest like an import, but changes nothing. Keeps only a digest of each row.
 * @throws ManifestError when it ends in the middle.
 */
export async function planImport(context: PlanContext, manifest: Manifest): Promise<Plan> {
  using planner = new Planner(manifest.shape, context);
  for await (const rows of pickRows(manifest.rows(), context)) {
    context.signal.throwIfAborted();
    const findings = rows.flatMap((row) => planner.add(row));
    if (findings.length > 0) await context.onFindings(findings);
    context.onProgress?.(rows.at(-1)?.row ?? 0);
  }
  return planner.plan();
}

class Planner implements Disposable {
  readonly #shape: ManifestShape;
  readonly #pace: Pace;
  readonly #startMs: number;
  readonly #digests = new RowDigests();
  readonly #counts = { url: 0, kling: 0, invalid: 0, duplicate: 0 };
  #expired = 0;
  #expiringEarly = 0;
  readonly #problems: PlanFinding[] = [];
  readonly #duplicates: PlanFinding[] = [];

  constructor(shape: ManifestShape, { pace, now }: Pick<PlanContext, 'pace' | 'now'>) {
    this.#shape = shape;
    this.#pace = pace;
    this.#startMs = now();
  }

  /** The findings about a row; none for a good one. */
  add(row: ManifestRow): PlanFinding[] {
    const findings = this.#look(row);
    for (const finding of findings) {
      const isDuplicate = finding.kind === 'duplicate';
      const kept = isDuplicate ? this.#duplicates : this.#problems;
      if (kept.length < (isDuplicate ? MAX_DUPLICATES : MAX_PROBLEMS)) kept.push(finding);
    }
    return findings;
  }

  #look(row: ManifestRow): PlanFinding[] {
    const checked = checkRow(this.#shape, row);
    if (!checked.ok) {
      this.#counts.invalid += 1;
      return checked.problems.map((problem) => finding('invalid', row, problem));
    }
    const { source } = checked;
    const cells = comparableCells(this.#shape, row, source);
    const earlier = this.#digests.findOrAdd(cells, row.line);
    if (earlier !== null) {
      this.#counts.duplicate += 1;
      const message = `Line ${row.line} repeats line ${earlier} in every cell.`;
      const code = 'duplicate';
      return [finding('duplicate', row, { code, column: null, value: null, message })];
    }
    this.#counts[source.kind] += 1;
    return this.#judgeDeadline(row, source);
  }

  #judgeDeadline(row: ManifestRow, source: Source): PlanFinding[] {
    const deadline = findDeadline(this.#shape, row, source);
    if (deadline === null) return [];
    const { atMs, problem } = deadline;
    if (atMs < this.#startMs) {
      this.#expired += 1;
      return [finding('expired', row, problem('ended'))];
    }
    if (atMs >= this.#startMs + estimateTurnMs(this.#toDo, this.#pace)) return [];
    this.#expiringEarly += 1;
    return [finding('expires_early', row, problem('will_end'))];
  }

  get #toDo(): number {
    return this.#counts.url + this.#counts.kling;
  }

  [Symbol.dispose](): void {
    this.#digests[Symbol.dispose]();
  }

  plan(): Plan {
    const { url, kling, invalid, duplicate } = this.#counts;
    return {
      rows: url + kling + invalid + duplicate,
      counts: this.#counts,
      expired: this.#expired,
      expiringEarly: this.#expiringEarly,
      problems: this.#problems,
      duplicates: this.#duplicates,
      durationMs: estimateTurnMs(this.#toDo, this.#pace),
    };
  }
}

function finding(
  kind: FindingKind,
  { row, line }: ManifestRow,
  problem: Pick<PlanFinding, 'code' | 'column' | 'value' | 'message'>,
): PlanFinding {
  const { code, column, value, message } = problem;
  return { kind, row, line, code, column, value, message };
}
