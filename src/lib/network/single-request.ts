import type { OptionsInit, Request } from 'got';
import type { FindProxy } from './find-proxy.ts';
import type { Guard } from './guarded-lookup.ts';
import { wayTo } from './way-to.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const MAX_HEADER_BYTES = 32 * 1024;
/** How much of an answer is read; only its status decides. */
const MAX_ANSWER_BYTES = 2_000;

export const CONNECT_TIMEOUTS = {
  lookup: CONNECT_TIMEOUT_MS,
  connect: CONNECT_TIMEOUT_MS,
  secureConnect: CONNECT_TIMEOUT_MS,
} as const;

/**
 * The options of a stream of got that asks a foreign server once: no retry, and no redirect, as what is sent is meant
 * for this address alone. Any status is an answer. The address must have passed `checkUrl`.
 */
export const singleRequest = (
  url: URL,
  { guard, findProxy }: { guard: Guard; findProxy?: FindProxy },
  signal: AbortSignal,
): OptionsInit & { isStream: true } => ({
  ...wayTo(url, guard, findProxy),
  isStream: true,
  followRedirect: false,
  maxHeaderSize: MAX_HEADER_BYTES,
  retry: { limit: 0 },
  signal,
  throwHttpErrors: false,
  timeout: CONNECT_TIMEOUTS,
});

/**
 * Collects the first 2,000 bytes of the answer in `chunks`, and then leaves the stream. An abort may break the stream
 * right after its answer, when nothing reads it any more.
 */
export async function readBeginning(stream: Request, chunks: Buffer[] = []): Promise<void> {
  stream.on('error', () => undefined);
  let sizeBytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk.subarray(0, MAX_ANSWER_BYTES - sizeBytes));
    sizeBytes += chunk.length;
    if (sizeBytes >= MAX_ANSWER_BYTES) return;
  }
}
