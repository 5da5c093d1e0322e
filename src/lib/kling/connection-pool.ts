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
  /** Longest unused first. */
  readonly #idle: IdleLine[] = [];

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /** A line for one call, to be returned after it. */
  async take(): Promise<Line> {
    // Before the look at the sockets: a process that stood still meanwhile has not seen who closed in that time.
    const trustedSinceMs = this.#options.now() - TRUSTED_AFTER_MS;
    await untilSocketsWereRead();
    const at = this.#idle.findLastIndex(
      ({ line, sinceMs }) => sinceMs <= trustedSinceMs && !isEnding(line),
    );
    const line = this.#idle.splice(at, at < 0 ? 0 : 1)[0]?.line ?? this.#options.open();
    this.#busy.add(line);
    return line;
  }

  /** After any result: a line without a usable connection makes a new one. */
  giveBack(line: Line): void {
    if (!this.#busy.delete(line)) return;
    this.#idle.push({ line, sinceMs: this.#options.now() });
    if (this.#idle.length > this.#options.maxIdle) this.#idle.shift()?.line.destroy();
  }

  /** Closes every connection, including those of calls under way. */
  [Symbol.dispose](): void {
    for (const line of [...this.#busy, ...this.#idle.map((idle) => idle.line)]) line.destroy();
    this.#busy.clear();
    this.#idle.length = 0;
  }
}

/** Whether the server has closed the connection of an unused line, and Node is about to. */
const isEnding = ({ freeSockets }: Line): boolean =>
  Object.values(freeSockets).some((sockets) => sockets?.some(({ writable }) => !writable));

/** Resolves when the event loop has checked all sockets once; an end that has arrived is then known. */
async function untilSocketsWereRead(): Promise<void> {
  // The first may run in the current turn of the loop; the second follows a full check of the sockets.
  await new Promise(setImmediate);
  await new Promise(setImmediate);
}
