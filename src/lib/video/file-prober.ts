import { createReadStream } from 'node:fs';
import { createFileInspector, type FileInspector, type Inspected } from './file-inspector.ts';
import type { Prober } from './prober.ts';
import { ReadError } from './read-error.ts';
import { resultOfSniffed } from './sniffed-result.ts';

export interface FileProberOptions {
  /** The ffprobe program; see `findFfprobe`. */
  ffprobePath: string;
}

/** A prober of files on this machine, for people at a terminal only: rows of a manifest never reach it. */
export async function createFileProber(
  options: FileProberOptions,
): Promise<Prober & AsyncDisposable> {
  const inspector = await createFileInspector(options);
  return {
    probe: async (path, { signal }) => {
      const startedAtMs = performance.now();
      const cost = () => ({
        durationMs: performance.now() - startedAtMs,
        requests: 0,
        bytesRead: 0,
      });
      try {
        return { ...(await inspect(inspector, path, true, signal)), cost: cost() };
      } catch (error) {
        signal.throwIfAborted();
        return { kind: 'unreadable', failure: failureOf(error), cost: cost() };
      }
    },
    [Symbol.asyncDispose]: () => inspector[Symbol.asyncDispose](),
  };
}

async function inspect(
  inspector: FileInspector,
  path: string,
  isMoovEnough: boolean,
  signal: AbortSignal,
): Promise<Inspected> {
  const bounds = { maxBytes: Number.MAX_SAFE_INTEGER, isMoovEnough };
  const seen = await inspector.inspectStream(createReadStream(path), bounds, signal);
  switch (seen.kind) {
    case 'inspected':
      return seen.inspected;
    case 'sniffed':
      return resultOfSniffed(seen.sniffed);
    case 'again':
      return await inspect(inspector, path, false, signal);
  }
}

function failureOf(error: unknown): ReadError['failure'] {
  if (error instanceof ReadError) return error.failure;
  const { code = 'unreadable', message } = error as NodeJS.ErrnoException;
  return {
    code: code.toLowerCase(),
    message: `the file cannot be read: ${message}`,
    isRetryable: false,
  };
}
