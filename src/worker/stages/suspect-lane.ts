/**
 * A row that was being probed when its worker died may be the reason, or only have been there. Such rows are tried one
 * at a time in each process: the one that kills again then kills alone, and the others are not blamed for it.
 */
export class SuspectLane {
  #isTaken = false;

  /** Runs `work`, or returns null at once where another suspect is being tried. */
  async run<T>(work: () => Promise<T>): Promise<T | null> {
    if (this.#isTaken) return null;
    this.#isTaken = true;
    try {
      return await work();
    } finally {
      this.#isTaken = false;
    }
  }
}
