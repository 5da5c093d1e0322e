import { execFile } from 'node:child_process';

/** Systemd expects a sign of life within the interval; half of it leaves room for a busy machine. */
const SIGNS_PER_INTERVAL = 2;
const NOTIFY_TIMEOUT_MS = 5_000;

/**
 * Tells systemd (`NOTIFY_SOCKET`, `WATCHDOG_USEC`: a unit of `Type=notify`) that this process is ready, then that it lives, as often as its watchdog asks, and at the end that it
 * stops. Without `NOTIFY_SOCKET` nothing happens. Signs of life stop only when the event loop does: an outage of Redis is
 * no reason to be killed, as workers then hold answers that were paid for.
 *
 * Node has no datagram sockets of the Unix kind, so `systemd-notify` sends; `NotifyAccess=all` lets it.
 */
export function reportReady(environment: NodeJS.ProcessEnv): Disposable {
  if (!environment.NOTIFY_SOCKET) return { [Symbol.dispose]: () => undefined };
  const tell = (state: string): void => {
    // A message that cannot be sent is the watchdog's business.
    execFile('systemd-notify', [state], { timeout: NOTIFY_TIMEOUT_MS }, () => undefined);
  };
  tell('READY=1');
  const intervalMs = Number(environment.WATCHDOG_USEC ?? 0) / 1_000;
  const watchdog =
    intervalMs > 0
      ? setInterval(tell, intervalMs / SIGNS_PER_INTERVAL, 'WATCHDOG=1').unref()
      : undefined;
  return {
    [Symbol.dispose]: () => {
      clearInterval(watchdog);
      tell('STOPPING=1');
    },
  };
}
