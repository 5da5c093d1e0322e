import type { Agent } from 'node:http';

/**
 * How long a server has to keep a connection open after its answer before it is used again. A server that closes
 * connections after answers does so well within this time; a call sent at that moment would end as `unconfirmed`.
 */
const TRUSTED_AFTER_MS = 100;

/** Makes the connections of one call at a time, and keeps the last one open for the next. */
export type Line = Agent;

interface IdleLine {
  line: Line;
  sinceMs: number;
}

export interface ConnectionPoolOptions {
  /** A line whose agent keeps an unused connection, for a limited time. */
  open: () => Line;
  /** How many unused lines are kept, from 1; the longest unused ones are closed. */
  maxIdle: number;
  /** Monotonic, in ms. */
  now: () => number;
}

/**
 * Connections that have proved to stay open. Node's own agents give a connection to the next request as soon as its
 * answer was read, when it is still unknown whether the server will close it.
 */
export class ConnectionPool implements Disposable {
  readonly #options: ConnectionPoolOptions;
  readonly #busy = new Set<Line>();
  /** Not trusted yet. Longest unused first, as in `#trusted`. */
  readonly #recent: IdleLine[] = [];
  readonly #trusted: Line[] = [];

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /** A line for one call, to be returned after it. */
  async take(): Promise<Line> {
    // Before the look at the sockets: a process that stood still meanwhile has not seen who closed in that time.
    const trustedSinceMs = this.#options.now() - TRUSTED_AFTER_MS;
    await untilSocketsWereRead();
    const line = this.#takeTrusted(trustedSinceMs) ?? this.#options.open();
    this.#busy.add(line);
    return line;
  }

  #takeTrusted(sinceMs: number): Line | undefined {
    const trusted = this.#recent.findIndex((idle) => idle.sinceMs > sinceMs);
    const count = trusted < 0 ? this.#recent.length : trusted;
    for (const { line } of this.#recent.splice(0, count)) this.#trusted.push(line);
    for (;;) {
      const line = this.#trusted.pop();
      if (line === undefined || !isEnding(line)) return line;
      line.destroy();
    }
  }

  /** After any result: a line without a usable connection makes a new one. */
  giveBack(line: Line): void {
    if (!this.#busy.delete(line)) return;
    this.#recent.push({ line, sinceMs: this.#options.now() });
    if (this.#trusted.length + this.#recent.length <= this.#options.maxIdle) return;
    (this.#trusted.shift() ?? this.#recent.shift()?.line)?.destroy();
  }

  /** Closes every connection, including those of calls under way. */
  [Symbol.dispose](): void {
    const recent = this.#recent.map(({ line }) => line);
    for (const line of [...this.#busy, ...this.#trusted, ...recent]) line.destroy();
    this.#busy.clear();
    this.#trusted.length = 0;
    this.#recent.length = 0;
  }
}

/** Whether the server has closed the connection of an unused line, and Node is about to. */
const isEnding = ({ freeSockets }: Line): boolean =>
  Object.values(freeSockets).some((sockets) => sockets?.some(({ writable }) => !writable));

/** The look at the sockets that all calls of this turn of the event loop wait for. */
let nextLook: Promise<void> | null = null;

/** Resolves when the event loop has checked all sockets once; an end that has arrived is then known. */
function untilSocketsWereRead(): Promise<void> {
  nextLook ??= new Promise((resolve) => {
    // The first may run in the current turn of the loop; the second follows a full check of the sockets.
    setImmediate(() => {
      nextLook = null;
      setImmediate(resolve);
    });
  });
  return nextLook;
}
