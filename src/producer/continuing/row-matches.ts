import { checkRow } from '../../lib/core/manifest/check-row.ts';
import type { ManifestRow, ManifestShape } from '../../lib/core/manifest/manifest.ts';
import type { SettledRow } from '../settle-rows.ts';

const FIRST_CAPACITY = 1 << 12;

/** A row of a batch that a row of a manifest is. */
export interface Match {
  /** The row's number in the batch. */
  known: number;
  /** Whether the video is the same; a row with the same key may have another one. */
  isSame: boolean;
  /** It keeps a session that the row had before: the video is again the one of then. */
  keepsEarlier?: boolean;
}

/** What the four lowest bits of a row's number say; without any, the row is new, malformed or not decided. */
const SAME_VIDEO = 1;
const OTHER_VIDEO = 2;
/** The number is that of an earlier row of the manifest. */
const REPEATED = 3;
const RELATION = 3;
/** An earlier row of the manifest names the video, too. */
const KNOWN_VIDEO = 4;
const KEEPS_EARLIER = 8;
const BITS = 4;

/**
 * What comparing a manifest with a batch has shown about each row, so that storing the rows need not find it out again:
 * 4 bytes a row, for up to 268,435,455 rows.
 */
export class RowMatches {
  /** The number of a row times 16, and the bits above. */
  #rows = new Uint32Array(FIRST_CAPACITY);

  /** A row that repeats an earlier one needs no `match`. */
  add(row: number, settled: SettledRow, match: Match | null): void {
    this.#put(row, pack(settled, match));
  }

  /** The row is not found as it is written, and may be a row that no other one is. */
  addUndecided(row: number, settled: SettledRow, mayBe: number): void {
    this.#put(row, pack(settled, null) | (mayBe << BITS));
  }

  /** In order. `decide`: whether the row is the one that it may be; its video is the same. */
  decideAll(decide: (row: number, mayBe: number) => boolean): void {
    for (let row = 0; row < this.#rows.length; row += 1) {
      const packed = this.#rows[row] ?? 0;
      if ((packed & RELATION) !== 0 || packed >>> BITS === 0) continue;
      const isThat = decide(row, packed >>> BITS);
      this.#rows[row] = isThat ? packed | SAME_VIDEO : packed & KNOWN_VIDEO;
    }
  }

  #put(row: number, packed: number): void {
    if (row >= this.#rows.length) {
      const longer = new Uint32Array(Math.max(2 * this.#rows.length, row + 1));
      longer.set(this.#rows);
      this.#rows = longer;
    }
    this.#rows[row] = packed;
  }

  /** For a row that has a match. */
  keepEarlier(row: number): void {
    this.#rows[row] = (this.#rows[row] ?? 0) | KEEPS_EARLIER;
  }

  /** The row is the same, with the same video, as another row than the one found before. */
  replace(row: number, known: number): void {
    this.#rows[row] = (known << BITS) | SAME_VIDEO | ((this.#rows[row] ?? 0) & KNOWN_VIDEO);
  }

  get(row: number): Match | null {
    const packed = this.#rows[row] ?? 0;
    const relation = packed & RELATION;
    if (relation !== SAME_VIDEO && relation !== OTHER_VIDEO) return null;
    const match = { known: packed >>> BITS, isSame: relation === SAME_VIDEO };
    return (packed & KEEPS_EARLIER) === 0 ? match : { ...match, keepsEarlier: true };
  }

  /** The same as before; null for a row that is called and needs no more than that. */
  settled(shape: ManifestShape, row: ManifestRow): SettledRow | null {
    const packed = this.#rows[row.row] ?? 0;
    if ((packed & RELATION) !== REPEATED && (packed & KNOWN_VIDEO) === 0 && packed !== 0)
      return null;
    const checked = checkRow(shape, row);
    if (!checked.ok) return { kind: 'invalid', problems: checked.problems };
    const { source } = checked;
    return (packed & RELATION) === REPEATED
      ? { kind: 'repeated', source, row: packed >>> BITS }
      : { kind: 'called', source, knowsVideo: (packed & KNOWN_VIDEO) !== 0 };
  }
}

function pack(settled: SettledRow, match: Match | null): number {
  if (settled.kind === 'repeated') return (settled.row << BITS) | REPEATED;
  const knowsVideo = settled.kind === 'called' && settled.knowsVideo ? KNOWN_VIDEO : 0;
  if (match === null) return knowsVideo;
  return (match.known << BITS) | (match.isSame ? SAME_VIDEO : OTHER_VIDEO) | knowsVideo;
}
