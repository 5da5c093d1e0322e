import { RowDigests } from '../../lib/rows/row-digests.ts';
import { TextDigest } from '../../lib/rows/text-digest.ts';
import { RowSet } from '../row-set.ts';

type Texts = readonly string[];

/**
 * The rows of a batch by the form in which a spreadsheet may save their texts, as far as that is another than the one in
 * which they are written. A digest for each such row, most of them in files.
 */
export class SavedForms implements Disposable {
  readonly #first = new RowDigests();
  readonly #digest = new TextDigest();
  readonly #findWritten: (texts: Texts) => number | null;
  /** Rows whose form other rows have, too. */
  readonly #shared = new RowSet();
  #isEmpty = true;

  /** `findWritten`: the known row that is written so; null for none. */
  constructor(findWritten: (texts: Texts) => number | null) {
    this.#findWritten = findWritten;
  }

  /** `saved`: the form; the very `texts` if that is how they are written. */
  add(texts: Texts, saved: Texts, row: number): void {
    if (saved === texts) return;
    this.#isEmpty = false;
    this.#digest.of(saved);
    const first = this.#first.findOrAddDigest(this.#digest.high, this.#digest.low, row);
    if (first !== null) this.#shared.add(first);
  }

  /**
   * A row with other texts, which are the same once a spreadsheet has saved both; null for none. `known`: the row that
   * has these very texts.
   */
  findOther(texts: Texts, saved: Texts, known: number | null): number | null {
    const place = this.#isEmpty ? null : this.#findRewritten(saved, known);
    return place === null && saved !== texts ? this.#findWritten(saved) : place;
  }

  #findRewritten(saved: Texts, known: number | null): number | null {
    this.#digest.of(saved);
    const first = this.#first.findDigest(this.#digest.high, this.#digest.low);
    return first !== null && first === known && !this.#shared.has(first) ? null : first;
  }

  [Symbol.dispose](): void {
    this.#first[Symbol.dispose]();
  }
}
