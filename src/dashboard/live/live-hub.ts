import { StreamLimit } from './stream-limit.ts';

/** Parts of a page that change while it is open: element id → markup. */
export type Parts = Record<string, string>;

export interface Listener {
  /** The parts that have changed; the first time all of them. */
  onParts: (parts: Parts) => void;
  /** Called once when the parts cannot be read. */
  onTrouble: () => void;
}

interface Watched {
  read: () => Promise<Parts>;
  listeners: Set<Listener>;
  last: Parts;
  isTroubled: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** How many reads run at once. With many different pages open, single requests are still answered in between. */
const MAX_LOOKS = 4;

/** This many run at once; the others wait in line. */
class Turns {
  #free: number;
  readonly #line: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#line.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#line.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}

/**
 * Reads the content of open pages once for everyone who looks at the same page, so that many open pages cost Redis
 * and workers no more than one. Content that no page shows is not read.
 */
export class LiveHub implements Disposable {
  /** How many pages are kept up to date. */
  readonly streams: StreamLimit;
  readonly #everyMs: number;
  readonly #looks = new Turns(MAX_LOOKS);
  readonly #watched = new Map<string, Watched>();

  constructor(everyMs: number, streams = new StreamLimit()) {
    this.#everyMs = everyMs;
    this.streams = streams;
  }

  /**
   * `key` identifies what `read` reads; the first reader's function is used for all. Returns the function that stops
   * it.
   */
  watch(key: string, read: () => Promise<Parts>, listener: Listener): () => void {
    const watched = this.#watched.get(key) ?? this.#begin(key, read);
    watched.listeners.add(listener);
    if (Object.keys(watched.last).length > 0) listener.onParts(watched.last);
    return () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size > 0) return;
      clearTimeout(watched.timer);
      if (this.#watched.get(key) === watched) this.#watched.delete(key);
    };
  }

  #begin(key: string, read: () => Promise<Parts>): Watched {
    const watched: Watched = {
      read,
      listeners: new Set(),
      last: {},
      isTroubled: false,
      timer: undefined,
    };
    this.#watched.set(key, watched);
    this.#schedule(watched, 0);
    return watched;
  }

  /** After the last read has ended, so that a slow one is not overtaken by the next. */
  #schedule(watched: Watched, delayMs: number): void {
    watched.timer = setTimeout(() => {
      void this.#look(watched).finally(() => {
        if (watched.listeners.size > 0) this.#schedule(watched, this.#everyMs);
      });
    }, delayMs);
  }

  async #look(watched: Watched): Promise<void> {
    try {
      const parts = await this.#looks.take(watched.read);
      const changed = Object.entries(parts).filter(([id, text]) => watched.last[id] !== text);
      watched.last = parts;
      const isBack = watched.isTroubled;
      watched.isTroubled = false;
      const news = isBack ? parts : Object.fromEntries(changed);
      if (Object.keys(news).length === 0) return;
      for (const listener of watched.listeners) listener.onParts(news);
    } catch {
      // The log of the page's own request has the error; here it either passes or stays.
      if (!watched.isTroubled) for (const listener of watched.listeners) listener.onTrouble();
      watched.isTroubled = true;
    }
  }

  [Symbol.dispose](): void {
    for (const { timer, listeners } of this.#watched.values()) {
      clearTimeout(timer);
      listeners.clear();
    }
    this.#watched.clear();
  }
}
