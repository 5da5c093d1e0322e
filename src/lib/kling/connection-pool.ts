import type { Agent } from 'node:http';

/**
 * How long a server has to leave a connection open after its answer before it is used again. A server that closes
 * behind its answers does so well within this time; a call on its way just then would end as `unconfirmed`.
 */
const TRUSTED_AFTER_MS = 100;

/** What makes the connections of one call at a time, and keeps the last one open for the next. */
export type Line = Agent;

interface IdleLine {
  line: Line;
  sinceMs: number;
}

export interface ConnectionPoolOptions {
  /** A line whose agent keeps an unused connection, for a time that it bounds itself. */
  open: () => Line;
  /** So many are kept for another call, from 1; the longest unused ones are closed. */
  maxIdle: number;
  /** Monotonic, in ms. */
  now: () => number;
}

/**
 * Connections that have proved to stay open. Node's own agents hand a connection to the next request in the moment in
 * which its answer has been read, when nothing tells yet whether the server is about to close it.
 */
export class ConnectionPool implements Disposable {
  readonly #options: ConnectionPoolOptions;
  readonly #busy = new Set<Line>();
  /** Longest unused first. */
  readonly #idle: IdleLine[] = [];

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /** A line for one call, to be given back after it. */
  take(): Line {
    const trustedSinceMs = this.#options.now() - TRUSTED_AFTER_MS;
    const at = this.#idle.findLastIndex(({ sinceMs }) => sinceMs <= trustedSinceMs);
    const line = this.#idle.splice(at, at < 0 ? 0 : 1)[0]?.line ?? this.#options.open();
    this.#busy.add(line);
    return line;
  }

  /** Whatever the result: a line without a usable connection makes a new one. */
  giveBack(line: Line): void {
    if (!this.#busy.delete(line)) return;
    this.#idle.push({ line, sinceMs: this.#options.now() });
    if (this.#idle.length > this.#options.maxIdle) this.#idle.shift()?.line.destroy();
  }

  /** Closes every connection, also those of calls under way. */
  [Symbol.dispose](): void {
    for (const line of [...this.#busy, ...this.#idle.map((idle) => idle.line)]) line.destroy();
    this.#busy.clear();
    this.#idle.length = 0;
  }
}

/** Resolves when the event loop has looked once at what every socket has received: an end that came is then known. */
export async function untilSocketsWereRead(): Promise<void> {
  // The first may run in the present turn of the loop, the second follows a whole look at the sockets.
  await new Promise(setImmediate);
  await new Promise(setImmediate);
}
