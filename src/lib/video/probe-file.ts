import { type FileHandle, open, realpath } from 'node:fs/promises';
import { createFileInspector, type Inspected } from './file-inspector.ts';
import { acceptPlainHeader } from './header/read-plain-header.ts';
import { MAX_BOX_HEADER_SIZE, readBoxHeader } from './mp4/boxes.ts';
import { FragmentCollector, MAX_FRAGMENT_BYTES, withFragments } from './mp4/fragments.ts';
import { type Located, locateMoov, type ReadStretch } from './mp4/locate-moov.ts';
import { type MoovDetails, readMoov } from './mp4/moov.ts';
import type { ProbeResult } from './prober.ts';
import { ReadError } from './read-error.ts';
import type { FileDetails } from './read-facts.ts';
import { resultOfSniffed } from './result-of-sniffed.ts';

/**
 * Probes a file on this machine, for the `probe` command; rows of a manifest never come here. Rejects only when
 * aborted.
 */
export async function probeFile(
  path: string,
  options: { ffprobePath: string; signal: AbortSignal },
): Promise<ProbeResult> {
  const startedAtMs = performance.now();
  const read = { requests: 0, bytesRead: 0 };
  try {
    await using file = await open(path, 'r');
    const readStretch = stretchesOf(file, read);
    const located = await locateMoov(readStretch);
    const inspected =
      located.kind === 'sniffed'
        ? resultOfSniffed(located.sniffed)
        : (accept(located) ??
          (await runFfprobe(path, await detailsOf(located, readStretch), options)));
    return { ...inspected, cost: { ...read, durationMs: performance.now() - startedAtMs } };
  } catch (error) {
    options.signal.throwIfAborted();
    const cost = { ...read, durationMs: performance.now() - startedAtMs };
    return { kind: 'unreadable', failure: failureOf(error), cost };
  }
}

/** A plain header is read in process, as workers do; null when ffprobe is needed. */
function accept(located: Exclude<Located, { kind: 'sniffed' }>): Inspected | null {
  const facts = located.kind === 'moov' ? acceptPlainHeader({ ...located, moofs: null }) : null;
  return facts && { kind: 'video', facts };
}

async function runFfprobe(
  path: string,
  details: FileDetails,
  options: { ffprobePath: string; signal: AbortSignal },
): Promise<Inspected> {
  await using inspector = await createFileInspector(options);
  return await inspector.inspectFile(await realpath(path), details, options.signal);
}

function failureOf(error: unknown) {
  if (error instanceof ReadError) {
    return error.failure;
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const message = `the file cannot be read (${code})`;
  return { code: 'file', message, isRetryable: false };
}

async function detailsOf(
  located: Exclude<Located, { kind: 'sniffed' }>,
  readStretch: ReadStretch,
): Promise<FileDetails> {
  if (located.kind === 'unclear') {
    return { ftyp: Buffer.alloc(0), moov: readMoov(Buffer.alloc(0)), isFileCut: false };
  }
  const { ftyp, isFileCut } = located;
  return { ftyp, moov: await addFragments(readMoov(located.moov), readStretch), isFileCut };
}

/** For files with more top-level boxes than this, only ffprobe reads the frames. */
const MAX_TOP_BOXES = 10_000;

async function addFragments(moov: MoovDetails, readStretch: ReadStretch): Promise<MoovDetails> {
  const fragments = new FragmentCollector();
  let at = 0;
  for (let boxes = 0; moov.isFragmented && boxes < MAX_TOP_BOXES; boxes += 1) {
    const stretch = await readStretch(at, MAX_BOX_HEADER_SIZE);
    const box = readBoxHeader(stretch?.bytes ?? Buffer.alloc(0), 0, at);
    if (typeof box === 'string' || box.end === Infinity) {
      return withFragments(moov, fragments.moofs);
    }
    if (box.type === 'moof') {
      const size = Math.min(box.end - box.start, MAX_FRAGMENT_BYTES);
      const { bytes = Buffer.alloc(0) } = (await readStretch(at, size)) ?? {};
      fragments.add({ type: box.type, boxStart: at, bytes });
    }
    at = box.end;
  }
  return withFragments(moov, null);
}

/** Reads in parts of this size when the needed length is unknown. */
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
