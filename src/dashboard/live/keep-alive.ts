import type { SSEStreamingApi } from 'hono/streaming';
import { withinDeadline } from '../../lib/network/deadline.ts';
import type { DashboardContext } from '../dashboard-env.ts';

export const ALIVE_EVERY_MS = 15_000;

/** A comment, which clients pass over. A client that has stopped reading would keep its stream for ever: it is cut off. */
export async function sayAlive(stream: SSEStreamingApi, context: DashboardContext): Promise<void> {
  const { signal } = context.req.raw;
  await withinDeadline(() => stream.write(': alive\n\n'), {
    timeoutMs: ALIVE_EVERY_MS,
    signal,
  }).catch(() => context.env.outgoing.destroy());
}

/** Says so every 15 s until disposed. */
export function keepAlive(stream: SSEStreamingApi, context: DashboardContext): Disposable {
  const timer = setInterval(() => void sayAlive(stream, context), ALIVE_EVERY_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
