/** How many pages with live updates may be open, per log-in and in total. A browser opens at most six. */
export const MOST_STREAMS = { ofOneLogin: 50, ofAll: 500 };

/** Counts the open event streams. */
export class StreamLimit {
  readonly #most: typeof MOST_STREAMS;
  readonly #byLogin = new Map<string, number>();
  #all = 0;

  constructor(most = MOST_STREAMS) {
    this.#most = most;
  }

  /** The function that ends the count, which may be called twice; null when the limit is reached. */
  enter(login: string): (() => void) | null {
    const own = this.#byLogin.get(login) ?? 0;
    if (own >= this.#most.ofOneLogin || this.#all >= this.#most.ofAll) return null;
    this.#add(login, 1);
    let isInside = true;
    return () => {
      if (isInside) this.#add(login, -1);
      isInside = false;
    };
  }

  #add(login: string, change: 1 | -1): void {
    const own = (this.#byLogin.get(login) ?? 0) + change;
    this.#all += change;
    if (own > 0) this.#byLogin.set(login, own);
    else this.#byLogin.delete(login);
  }
}
