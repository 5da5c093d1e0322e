import { RowDigests } from './row-digests.ts';
import { RowWords } from './row-words.ts';
import { TextDigest } from './text-digest.ts';

/** How a row compares with the rows before it. */
export type Repetition =
  | { kind: 'new_video' }
  /** An earlier row names the same video, with other cells. */
  | { kind: 'known_video' }
  /** An earlier row is the same. */
  | { kind: 'repeated'; row: number };

export interface ComparedRow {
  /** What identifies its video. */
  video: string;
  /** The same in all rows that count as repeated. */
  cells: readonly string[];
  /** The index of the cell with the video's address, if there is one: `video` counts in its place. */
  videoCell?: number;
}

const NEW_VIDEO: Repetition = { kind: 'new_video' };
const KNOWN_VIDEO: Repetition = { kind: 'known_video' };

/**
 * Finds repeated rows and videos. Only the video's digest of most rows is looked up and kept in memory (`RowDigests`):
 * a row whose video is new repeats nothing. The digests of first rows are in a file, and are read when their video
 * comes again. Every method throws the file system's errors.
 */
export class Repetitions implements Disposable {
  readonly #digest: TextDigest;
  /** The digest of the video of the latest row. */
  videoHigh = 0;
  videoLow = 0;
  /** The first row of each video. */
  readonly #videos = new RowDigests();
  /** The digests of these rows. */
  readonly #firstRows = new RowWords();
  /** All other rows. */
  readonly #otherRows = new RowDigests();

  constructor(digest = new TextDigest()) {
    this.#digest = digest;
  }

  /** Compares a row with all rows before it, which have lower numbers. */
  check({ video, cells, videoCell = -1 }: ComparedRow, row: number): Repetition {
    const digest = this.#digest;
    digest.of([video]);
    this.videoHigh = digest.high;
    this.videoLow = digest.low;
    const first = this.#videos.findOrAddDigest(digest.high, digest.low, row);
    digest.of(cells, videoCell);
    if (first === null) {
      this.#firstRows.add(row, digest.high, digest.low);
      return NEW_VIDEO;
    }
    if (this.#firstRows.has(first, digest.high, digest.low))
      return { kind: 'repeated', row: first };
    const earlier = this.#otherRows.findOrAddDigest(digest.high, digest.low, row);
    return earlier === null ? KNOWN_VIDEO : { kind: 'repeated', row: earlier };
  }

  [Symbol.dispose](): void {
    this.#videos[Symbol.dispose]();
    this.#firstRows[Symbol.dispose]();
    this.#otherRows[Symbol.dispose]();
  }
}
