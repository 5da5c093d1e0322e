import { checkRow } from '../lib/core/manifest/check-row.ts';
import type { ManifestRow, ManifestShape } from '../lib/core/manifest/manifest.ts';
import type { Source } from '../lib/core/manifest/source.ts';
import type { Outcome } from '../lib/core/row/outcome.ts';
import { videoIdentity } from '../lib/core/video/video-identity.ts';
import { type ComparedRow, Repetitions } from '../lib/rows/repetitions.ts';
import { addressCell, comparableCells } from './comparable-cells.ts';

/** What reading rows in order shows about them, before any request. */
export interface SettledRows {
  /** Malformed rows (`invalid`), and rows that repeat an earlier one in every cell but a signature (`duplicate`). */
  outcomes: Map<number, Outcome>;
  /** Addresses of videos that an earlier row names, too: such a video is read once for all. */
  sharedUrls: string[];
}

/**
 * Reads rows in manifest order. Keeps only digests, most of them in temporary files: about 1.5 bytes of memory per
 * row.
 */
export class RowSettler implements Disposable {
  readonly #shape: ManifestShape;
  readonly #repetitions = new Repetitions();

  constructor(shape: ManifestShape) {
    this.#shape = shape;
  }

  settle(rows: readonly ManifestRow[], nowMs: number): SettledRows {
    const settled: SettledRows = { outcomes: new Map(), sharedUrls: [] };
    for (const row of rows) this.#settleRow(row, settled, nowMs);
    return settled;
  }

  #settleRow(row: ManifestRow, { outcomes, sharedUrls }: SettledRows, nowMs: number): void {
    const common = { finishedAtMs: nowMs, attempts: 0, warnings: [] };
    const checked = checkRow(this.#shape, row);
    if (!checked.ok) {
      const code = checked.problems[0]?.code ?? 'invalid';
      const message = checked.problems.map((problem) => problem.message).join(' ');
      outcomes.set(row.row, { ...common, status: 'invalid', error: { code, message } });
      return;
    }
    const { source } = checked;
    const repetition = this.#repetitions.check(this.#compared(row, source), row.row);
    if (repetition.kind === 'repeated') {
      outcomes.set(row.row, { ...common, status: 'duplicate', duplicateOf: repetition.row });
    } else if (repetition.kind === 'known_video' && source.kind === 'url') {
      sharedUrls.push(source.videoUrl);
    }
  }

  /** What of a row is compared. Only the video's identity is made anew: it takes the place of the address. */
  #compared(row: ManifestRow, source: Source): ComparedRow {
    const shape = this.#shape;
    if (source.kind === 'kling') {
      return { video: `${source.videoId} ${source.taskId}`, cells: row.cells };
    }
    const video = videoIdentity(source.videoUrl);
    return shape.format === 'jsonl'
      ? { video, cells: comparableCells(shape, row, source, video) }
      : { video, cells: row.cells, videoCell: addressCell(shape) };
  }

  [Symbol.dispose](): void {
    this.#repetitions[Symbol.dispose]();
  }
}
