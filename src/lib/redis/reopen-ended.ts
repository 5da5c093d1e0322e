import type { Redis } from 'ioredis';
import type { Logger } from 'pino';

const REOPEN_AFTER_MS = 1_000;

export interface Reopening extends Disposable {
  /** Aborted when a connection had ended and all are open again: store what is in hand, and end the process. */
  broken: AbortSignal;
}

/**
 * Opens connections again that ended for good. A connection that waits for Redis does not end; ioredis ends it by a
 * fault of its own, or if the system refuses it a socket. From then on every command fails at once, and an answer that
 * was paid for could not be stored. What the process has built on the connection may be broken, so a supervisor should
 * start it again. Dispose of it before the connections are closed.
 */
export function reopenEnded(connections: readonly Redis[], log: Logger): Reopening {
  const broken = new AbortController();
  const ended = new Set<Redis>();
  const timers = new Map<Redis, NodeJS.Timeout>();
  const onEnd = (connection: Redis): void => {
    if (timers.size === 0) log.error('redis connection ended, leaving when it is open again');
    ended.add(connection);
    // If this fails the connection reconnects by itself, or ends again.
    const reopen = (): void => void connection.connect().catch(() => undefined);
    timers.set(connection, setTimeout(reopen, REOPEN_AFTER_MS));
  };
  const onReady = (connection: Redis): void => {
    if (ended.delete(connection) && ended.size === 0) broken.abort();
  };
  const watched = connections.map((connection) => {
    const listeners = { end: () => onEnd(connection), ready: () => onReady(connection) };
    connection.on('end', listeners.end).on('ready', listeners.ready);
    if (connection.status === 'end') listeners.end();
    return { connection, listeners };
  });
  return {
    broken: broken.signal,
    [Symbol.dispose]: () => {
      for (const { connection, listeners } of watched) {
        connection.off('end', listeners.end).off('ready', listeners.ready);
      }
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}
