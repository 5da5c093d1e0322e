import { checkRow } from '../lib/core/manifest/check-row.ts';
import type { ManifestRow, ManifestShape } from '../lib/core/manifest/manifest.ts';
import type { Outcome } from '../lib/core/row/outcome.ts';
import { videoIdentity } from '../lib/core/video/video-identity.ts';
import { RowDigests } from '../lib/rows/row-digests.ts';
import { SeenTexts } from '../lib/rows/seen-texts.ts';
import { comparableCells } from './comparable-cells.ts';

/** What reading rows in order shows about them, before any request. */
export interface SettledRows {
  /** Malformed rows (`invalid`), and rows that repeat an earlier one in every cell but a signature (`duplicate`). */
  outcomes: Map<number, Outcome>;
  /**
   * Addresses of videos that an earlier row names, too, and a few that none does: such a video is read once for all.
   */
  sharedUrls: string[];
}

/**
 * Reads rows in manifest order. Keeps only digests, most of them in a temporary file: about 3 bytes of memory per
 * row.
 */
export class RowSettler implements Disposable {
  readonly #shape: ManifestShape;
  readonly #rows = new RowDigests();
  readonly #urls = new SeenTexts();

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
    const identity = source.kind === 'url' ? videoIdentity(source.videoUrl) : '';
    const cells = comparableCells(this.#shape, row, source, identity);
    const earlier = this.#rows.findOrAdd(cells, row.row);
    if (earlier !== null) {
      outcomes.set(row.row, { ...common, status: 'duplicate', duplicateOf: earlier });
      return;
    }
    if (source.kind === 'url' && this.#urls.check(identity)) {
      sharedUrls.push(source.videoUrl);
    }
  }

  [Symbol.dispose](): void {
    this.#rows[Symbol.dispose]();
  }
}
