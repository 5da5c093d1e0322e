import type { Listener, Parts } from './live-hub.ts';

/**
 * What is still to be sent to one open page. A page that reads more slowly than its parts change gets only the latest
 * of each, so the backlog never exceeds one page.
 */
export class Outbox implements Listener {
  readonly #send: (event: 'parts' | 'trouble', data: string) => Promise<unknown>;
  #parts: Parts = {};
  #isTroubled = false;
  #isSending = false;

  /** `send` resolves when the page has taken it. */
  constructor(send: (event: 'parts' | 'trouble', data: string) => Promise<unknown>) {
    this.#send = send;
  }

  onParts(parts: Parts): void {
    this.#parts = { ...this.#parts, ...parts };
    this.#isTroubled = false;
    void this.#sendAll();
  }

  onTrouble(): void {
    this.#isTroubled = true;
    void this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      for (let next = this.#take(); next !== null; next = this.#take()) await this.#send(...next);
    } catch {
      // The page is gone, which the stream notices by itself.
    }
    this.#isSending = false;
  }

  #take(): ['parts' | 'trouble', string] | null {
    if (Object.keys(this.#parts).length > 0) {
      const data = JSON.stringify(this.#parts);
      this.#parts = {};
      return ['parts', data];
    }
    if (!this.#isTroubled) return null;
    this.#isTroubled = false;
    return ['trouble', ''];
  }
}
