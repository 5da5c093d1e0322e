/**
 * A row that was being probed when its worker died may or may not be the reason. Such rows are tried one at a time in
 * each process. If one kills its worker again, it does so alone, and the others are not blamed.
 */
export class SuspectLane {
  #isTaken = false;

  /** Runs `work`, or returns null at once while another suspect is being tried. */
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
