import { checkRow } from '../lib/core/manifest/check-row.ts';
import type { ManifestRow, ManifestShape, RowProblem } from '../lib/core/manifest/manifest.ts';
import type { Source } from '../lib/core/manifest/source.ts';
import type { Outcome } from '../lib/core/row/outcome.ts';
import { videoIdentity } from '../lib/core/video/video-identity.ts';
import { type ComparedRow, Repetitions } from '../lib/rows/repetitions.ts';
import type { TextDigest } from '../lib/rows/text-digest.ts';
import { addressCell, comparableCells } from './comparable-cells.ts';

/** What reading a row shows about it, before any request. */
export type SettledRow =
  | { kind: 'invalid'; problems: RowProblem[] }
  /** It repeats an earlier row in every cell but a signature. */
  | { kind: 'repeated'; source: Source; row: number }
  /** `knowsVideo`: an earlier row also names its video. */
  | { kind: 'called'; source: Source; knowsVideo: boolean };

/** The rows of a chunk, settled. */
export interface SettledRows {
  /** Malformed rows (`invalid`), and rows that repeat an earlier one (`duplicate`). */
  outcomes: Map<number, Outcome>;
  /** Addresses of videos that an earlier row also names: such a video is read once for all. */
  sharedUrls: string[];
}

/**
 * Reads rows in manifest order. Keeps only digests, most of them in temporary files: about 2 bytes of memory per
 * row.
 */
export class RowSettler implements Disposable {
  readonly #shape: ManifestShape;
  readonly #repetitions: Repetitions;

  constructor(shape: ManifestShape, digest?: TextDigest) {
    this.#shape = shape;
    this.#repetitions = new Repetitions(digest);
  }

  settle(row: ManifestRow): SettledRow {
    const checked = checkRow(this.#shape, row);
    if (!checked.ok) return { kind: 'invalid', problems: checked.problems };
    const { source } = checked;
    const repetition = this.#repetitions.check(this.#compared(row, source), row.row);
    if (repetition.kind === 'repeated') return { kind: 'repeated', source, row: repetition.row };
    return { kind: 'called', source, knowsVideo: repetition.kind === 'known_video' };
  }

  /** The digest of the video of the latest row, unless that was malformed: that of `videoText`. */
  get videoHigh(): number {
    return this.#repetitions.videoHigh;
  }

  get videoLow(): number {
    return this.#repetitions.videoLow;
  }

  /** The parts of a row that are compared. Only the video's identity is computed; it replaces the address. */
  #compared(row: ManifestRow, source: Source): ComparedRow {
    const shape = this.#shape;
    const video = videoText(source);
    if (source.kind === 'kling') return { video, cells: row.cells };
    return shape.format === 'jsonl'
      ? { video, cells: comparableCells(shape, row, source, video) }
      : { video, cells: row.cells, videoCell: addressCell(shape) };
  }

  [Symbol.dispose](): void {
    this.#repetitions[Symbol.dispose]();
  }
}

/** The same for the same video. */
export const videoText = (source: Source): string =>
  source.kind === 'url' ? videoIdentity(source.videoUrl) : `${source.videoId} ${source.taskId}`;

/** `settle`: the verdict on a row; null for one that is called and shares its video with no earlier row. */
export function settleRows(
  rows: readonly ManifestRow[],
  settle: (row: ManifestRow) => SettledRow | null,
  nowMs: number,
): SettledRows {
  const outcomes = new Map<number, Outcome>();
  const sharedUrls: string[] = [];
  const common = { finishedAtMs: nowMs, attempts: 0, warnings: [] };
  for (const row of rows) {
    const settled = settle(row);
    switch (settled?.kind) {
      case 'invalid': {
        const code = settled.problems[0]?.code ?? 'invalid';
        const message = settled.problems.map((problem) => problem.message).join(' ');
        outcomes.set(row.row, { ...common, status: 'invalid', error: { code, message } });
        break;
      }
      case 'repeated':
        outcomes.set(row.row, { ...common, status: 'duplicate', duplicateOf: settled.row });
        break;
      case 'called': {
        const { source, knowsVideo } = settled;
        if (knowsVideo && source.kind === 'url') sharedUrls.push(source.videoUrl);
        break;
      }
      case undefined:
    }
  }
  return { outcomes, sharedUrls };
}
