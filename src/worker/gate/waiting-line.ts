import { onAbort } from '../../lib/network/on-abort.ts';

interface Place<Turn> {
  settle(turn: Turn | null): void;
  fail(error: unknown): void;
}

/** A waiting line: first come, first served. */
export class WaitingLine<Turn> {
  /** In order of arrival. */
  readonly #places = new Set<Place<Turn>>();

  get length(): number {
    return this.#places.size;
  }

  /** Waits for a turn; null when `signal` was aborted or the line was cleared first. */
  async join(signal: AbortSignal): Promise<Turn | null> {
    let stopListening = (): void => undefined;
    try {
      return await new Promise<Turn | null>((settle, fail) => {
        const place = { settle, fail };
        this.#places.add(place);
        stopListening = onAbort(signal, () => {
          this.#places.delete(place);
          settle(null);
        });
      });
    } finally {
      stopListening();
    }
  }

  /** Gives the first in line its turn. */
  callNext(turn: Turn): void {
    this.#takeFirst()?.settle(turn);
  }

  /** Makes the wait of the first in line throw. */
  failNext(error: unknown): void {
    this.#takeFirst()?.fail(error);
  }

  sendAllAway(): void {
    while (this.#places.size > 0) this.#takeFirst()?.settle(null);
  }

  #takeFirst(): Place<Turn> | undefined {
    const [first] = this.#places;
    if (first !== undefined) this.#places.delete(first);
    return first;
  }
}
