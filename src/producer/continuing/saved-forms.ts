import { RowDigests } from '../../lib/rows/row-digests.ts';
import { RowSet } from '../row-set.ts';

/** Digests of the rows' texts by one `TextDigest`. */
interface Digest {
  high: number;
  low: number;
}

/**
 * The rows of a batch by the form in which a spreadsheet may save them, as far as that is another than the one in which
 * they are written. A digest for each such row, most of them in files.
 */
export class SavedForms implements Disposable {
  readonly #first = new RowDigests();
  /** Rows whose form other rows have, too. */
  readonly #shared = new RowSet();
  #isEmpty = true;

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  add({ high, low }: Digest, row: number): void {
    this.#isEmpty = false;
    const first = this.#first.findOrAddDigest(high, low, row);
    if (first !== null) this.#shared.add(first);
  }

  /** The first row with this form; null for none. */
  find({ high, low }: Digest): number | null {
    return this.#isEmpty ? null : this.#first.findDigest(high, low);
  }

  /** The same, but null if no row other than `known` has the form. */
  findOther(digest: Digest, known: number | null): number | null {
    const first = this.find(digest);
    return first === known && first !== null && !this.#shared.has(first) ? null : first;
  }

  [Symbol.dispose](): void {
    this.#first[Symbol.dispose]();
  }
}
