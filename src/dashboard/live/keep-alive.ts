import type { SSEStreamingApi } from 'hono/streaming';
import { withinDeadline } from '../../lib/network/deadline.ts';
import type { DashboardContext } from '../dashboard-env.ts';

const ALIVE_EVERY_MS = 15_000;
/** Then the client reconnects, which ends the stream of a reader who has logged out. */
const LONGEST_STREAM_MS = 10 * 60_000;

/** The life of an event stream. Disposing ends what was started for it. */
export interface StreamLife extends Disposable {
  /** Aborted when the client has gone, or after 10 minutes. */
  ending: AbortSignal;
}

/** Sends a comment every 15 s, which clients pass over. A client that has stopped reading is cut off. */
export function keepAlive(stream: SSEStreamingApi, context: DashboardContext): StreamLife {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  stream.onAbort(end);
  const alive = setInterval(() => void sayAlive(stream, context), ALIVE_EVERY_MS);
  const longest = setTimeout(end, LONGEST_STREAM_MS);
  return {
    ending: ending.signal,
    [Symbol.dispose]: () => {
      clearInterval(alive);
      clearTimeout(longest);
    },
  };
}

async function sayAlive(stream: SSEStreamingApi, context: DashboardContext): Promise<void> {
  const { signal } = context.req.raw;
  await withinDeadline(() => stream.write(': alive\n\n'), {
    timeoutMs: ALIVE_EVERY_MS,
    signal,
  }).catch(() => context.env.outgoing.destroy());
}
