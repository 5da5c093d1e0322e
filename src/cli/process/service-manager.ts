import { execFile } from 'node:child_process';

/** Systemd expects a heartbeat within the interval; half of it leaves room for a busy machine. */
const SIGNS_PER_INTERVAL = 2;
const NOTIFY_TIMEOUT_MS = 5_000;

/**
 * Reports to systemd (`NOTIFY_SOCKET`, `WATCHDOG_USEC`: a unit of `Type=notify`) that this process is ready, that it
 * is alive as often as the watchdog asks, and that it stops. Without `NOTIFY_SOCKET` nothing happens. Heartbeats stop
 * only when the event loop does. An outage of Redis must not get the process killed, because workers then hold
 * answers that were paid for.
 *  *
 * Node has no Unix datagram sockets, so `systemd-notify` sends; `NotifyAccess=all` allows that.
 */
export function reportReady(environment: NodeJS.ProcessEnv): Disposable {
  if (!environment.NOTIFY_SOCKET) return { [Symbol.dispose]: () => undefined };
  const tell = (state: string): void => {
    // If a message cannot be sent, the watchdog handles it.
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
