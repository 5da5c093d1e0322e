import { type FileHandle, open, realpath } from 'node:fs/promises';
import { createFileInspector, type Inspected } from './file-inspector.ts';
import { type Located, locateMoov, type ReadStretch } from './mp4/locate-moov.ts';
import { readMoov } from './mp4/moov.ts';
import type { ProbeResult } from './prober.ts';
import { ReadError } from './read-error.ts';
import { resultOfSniffed } from './result-of-sniffed.ts';

/** Probes a file of this machine, as the `probe` command does; rows of a manifest never get here. Rejects only when aborted. */
export async function probeFile(
  path: string,
  options: { ffprobePath: string; signal: AbortSignal },
): Promise<ProbeResult> {
  const startedAtMs = performance.now();
  const read = { requests: 0, bytesRead: 0 };
  try {
    await using inspector = await createFileInspector(options);
    await using file = await open(path, 'r');
    const located = await locateMoov(stretchesOf(file, read));
    const inspected: Inspected =
      located.kind === 'sniffed'
        ? resultOfSniffed(located.sniffed)
        : await inspector.inspectFile(await realpath(path), detailsOf(located), options.signal);
    return { ...inspected, cost: { ...read, durationMs: performance.now() - startedAtMs } };
  } catch (error) {
    options.signal.throwIfAborted();
    const cost = { ...read, durationMs: performance.now() - startedAtMs };
    return { kind: 'unreadable', failure: failureOf(error), cost };
  }
}

function failureOf(error: unknown) {
  if (error instanceof ReadError) {
    return error.failure;
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const message = `the file cannot be read (${code})`;
  return { code: 'file', message, isRetryable: false };
}

function detailsOf(located: Exclude<Located, { kind: 'sniffed' }>) {
  return located.kind === 'moov'
    ? { ftyp: located.ftyp, moov: readMoov(located.moov), isFileCut: located.isFileCut }
    : { ftyp: Buffer.alloc(0), moov: readMoov(Buffer.alloc(0)), isFileCut: false };
}

/** Reads in pieces of this size when it is open how much is needed. */
const PIECE_BYTES = 64 * 1024;

function stretchesOf(file: FileHandle, read: { requests: number; bytesRead: number }): ReadStretch {
  return async (first, length) => {
    const { size: totalBytes } = await file.stat();
    let bytes: Buffer = Buffer.alloc(0);
    const wanted = () => (typeof length === 'number' ? length : length(bytes));
    while (bytes.length < wanted()) {
      const step = typeof length === 'number' ? length : Math.max(PIECE_BYTES, bytes.length);
      const piece = Buffer.alloc(step);
      const { bytesRead } = await file.read(piece, 0, step, first + bytes.length);
      if (bytesRead === 0) {
        break;
      }
      bytes = Buffer.concat([bytes, piece.subarray(0, bytesRead)]);
      read.requests += 1;
      read.bytesRead += bytesRead;
    }
    return { bytes: typeof length === 'number' ? bytes.subarray(0, length) : bytes, totalBytes };
  };
}
