import { randomUUID } from 'node:crypto';
import { open, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isSizeAllowed } from '../core/video/judge-video.ts';
import { type RunFfprobe, runFfprobe } from './ffprobe/ffprobe.ts';
import { isExecutable } from './ffprobe/find.ts';
import { writeFfprobeLauncher } from './ffprobe/launcher.ts';
import { acceptPlainHeader, type PlainHeader } from './header/read-plain-header.ts';
import { HeaderMemory } from './header-memory.ts';
import { withFragments } from './mp4/fragments.ts';
import { isMoovCut, layOutHeaderFile } from './mp4/header-file.ts';
import type { Header } from './mp4/locate-moov.ts';
import { firstFrame } from './mp4/media-offsets.ts';
import { readMoov } from './mp4/moov.ts';
import type { Sniffed } from './mp4/sniff.ts';
import { type Spooled, type SpoolOptions, spool } from './mp4/spool.ts';
import type { ProbeResult } from './prober.ts';
import { ReadError } from './read-error.ts';
import { type FactsFound, type FileDetails, readFacts } from './read-facts.ts';
import { openTemporaryFolder } from './temporary-folder.ts';

type WithoutCost<Result> = Result extends unknown ? Omit<Result, 'cost'> : never;
/** What a probe found, without its cost. */
export type Inspected = WithoutCost<Exclude<ProbeResult, { kind: 'unreadable' }>>;

/** Runs ffprobe on files in a temporary folder. All methods throw `ReadError`, or the signal's reason. */
export interface FileInspector extends AsyncDisposable {
  /** Null when the header alone is not enough. */
  inspectHeader(header: Header, signal: AbortSignal): Promise<Inspected | null>;
  /** `again`: `moov` was enough to stop reading, but not to judge the video. */
  inspectStream(
    body: AsyncIterable<Buffer>,
    options: StreamBounds,
    signal: AbortSignal,
  ): Promise<InspectedStream>;
  /** Reads a file in place. */
  inspectFile(path: string, details: FileDetails, signal: AbortSignal): Promise<Inspected>;
}

type StreamBounds = Omit<SpoolOptions, 'path'>;

type InspectedStream =
  | { kind: 'inspected'; inspected: Inspected }
  | { kind: 'sniffed'; sniffed: Exclude<Sniffed, { kind: 'boxes' }> }
  | { kind: 'again' };

export interface FileInspectorOptions {
  ffprobePath: string;
  /** Longest run of ffprobe, in ms. Default 40 s. */
  ffprobeTimeoutMs?: number;
  /** Default: in this thread. */
  runFfprobe?: RunFfprobe;
}

/** On a file it takes milliseconds; on a busy disk, loading the program alone may take ten seconds. */
const DEFAULT_FFPROBE_TIMEOUT_MS = 40_000;

/** Makes a temporary folder, which is deleted on disposal; folders of killed processes are deleted at once. */
export async function createFileInspector(options: FileInspectorOptions): Promise<FileInspector> {
  const folder = await openTemporaryFolder('kling-sessions-probe-');
  const launcherPath = join(folder.path, 'ffprobe');
  writeFfprobeLauncher(launcherPath, options.ffprobePath);
  const timeoutMs = options.ffprobeTimeoutMs ?? DEFAULT_FFPROBE_TIMEOUT_MS;
  // If temporary files cannot be executed, ffprobe runs without limits rather than not at all.
  const path = isExecutable(launcherPath) ? launcherPath : options.ffprobePath;
  const ffprobe: Ffprobe = { path, timeoutMs, run: options.runFfprobe ?? runFfprobe };
  const newPath = () => join(folder.path, `${randomUUID()}.mp4`);
  const memory = new HeaderMemory<Inspected | null>();
  return {
    inspectHeader: async (header, signal) =>
      accept({ ...header, moofs: null }) ??
      (await memory.recall(header, () => inspectHeader(header, newPath(), ffprobe, signal))),
    inspectStream: (body, bounds, signal) =>
      inspectStream(body, { ...bounds, path: newPath() }, ffprobe, signal),
    inspectFile: async (path, details, signal) =>
      certain(await look(path, details, ffprobe, signal), details),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** Null when ffprobe is needed. */
function accept(header: PlainHeader): Inspected | null {
  const facts = acceptPlainHeader(header);
  return facts && { kind: 'video', facts };
}

interface Ffprobe {
  path: string;
  timeoutMs: number;
  run: RunFfprobe;
}

type Look = FactsFound | { kind: 'refused'; reason: string };

async function look(
  path: string,
  details: FileDetails,
  ffprobe: Ffprobe,
  signal: AbortSignal,
): Promise<Look> {
  const { path: program, timeoutMs } = ffprobe;
  const run = await ffprobe.run(path, { path: program, timeoutMs }, signal);
  switch (run.kind) {
    case 'data':
      return readFacts(run.data, details);
    case 'refused':
      return run;
    case 'crashed':
      throw new ReadError('ffprobe_crashed', `ffprobe crashed on this file (${run.signal})`, {
        isRetryable: false,
      });
    case 'timeout':
      throw new ReadError('ffprobe_timeout', 'ffprobe did not end in time on this file', {
        isRetryable: true,
      });
    case 'unavailable':
      throw new ReadError('ffprobe_unavailable', `ffprobe could not be started: ${run.reason}`, {
        isRetryable: true,
      });
  }
}

async function inspectHeader(
  header: Header,
  path: string,
  ffprobe: Ffprobe,
  signal: AbortSignal,
): Promise<Inspected | null> {
  const { ftyp, isFileCut } = header;
  const isCut = isMoovCut(header.moov);
  const moov = withFragments(readMoov(header.moov), null);
  // The missing end of the file may contain a track.
  const details = {
    ftyp,
    moov: { ...moov, hasUnknownTrack: moov.hasUnknownTrack || isCut },
    isFileCut,
  };
  const hasFrames = details.moov.videoTracks.length === 0 || firstFrame(header.moov) !== null;
  if (!isCut && (!hasFrames || details.moov.isFragmented || details.moov.isCompressed)) {
    return null;
  }
  try {
    await writeHeaderFile(path, header);
    const seen = await look(path, details, ffprobe, signal);
    return isEnough(seen) || isCut ? certain(seen, details) : null;
  } finally {
    await unlink(path).catch(() => {});
  }
}

async function writeHeaderFile(path: string, header: Header): Promise<void> {
  const { front, moov, moovStart } = layOutHeaderFile(header);
  await using file = await open(path, 'wx', 0o600);
  await file.write(front, 0, front.length, 0);
  await file.write(moov, 0, moov.length, moovStart);
}

/**
 * Frames may have a different size than the header says, so no size is too small or too large before one frame was
 * read.
 */
function isEnough(seen: Look): boolean {
  switch (seen.kind) {
    case 'video':
      return seen.isSizeCertain || isSizeAllowed(seen.facts);
    case 'no_video_track':
      return seen.isCertain;
    case 'unclear':
    case 'refused':
      return false;
  }
}

async function inspectStream(
  body: AsyncIterable<Buffer>,
  options: SpoolOptions,
  ffprobe: Ffprobe,
  signal: AbortSignal,
): Promise<InspectedStream> {
  try {
    const spooled = await spool(body, options);
    if (spooled.kind === 'sniffed') {
      return spooled;
    }
    const inspected =
      accept(headerOf(spooled)) ??
      (spooled.kind === 'moov'
        ? await inspectHeader(headerOf(spooled), `${options.path}.header`, ffprobe, signal)
        : await inspectSpooled(spooled, options.path, ffprobe, signal));
    return inspected === null ? { kind: 'again' } : { kind: 'inspected', inspected };
  } finally {
    await rm(options.path, { force: true });
  }
}

function headerOf(spooled: Exclude<Spooled, { kind: 'sniffed' }>): PlainHeader {
  return spooled.kind === 'moov'
    ? { ...spooled, isFileCut: false, moofs: null }
    : { ...spooled, moofs: spooled.plainMoofs };
}

async function inspectSpooled(
  { ftyp, moov, moofs, isFileCut }: Extract<Spooled, { kind: 'file' }>,
  path: string,
  ffprobe: Ffprobe,
  signal: AbortSignal,
): Promise<Inspected> {
  const details = { ftyp, moov: withFragments(readMoov(moov), moofs), isFileCut };
  return certain(await look(path, details, ffprobe, signal), details);
}

/** The final judgement of a file; throws when nothing certain can be said. */
function certain(seen: Look, { isFileCut }: FileDetails): Inspected {
  switch (seen.kind) {
    case 'video':
      return { kind: 'video', facts: seen.facts };
    case 'no_video_track':
      if (isFileCut && !seen.isCertain) {
        throw cutShort();
      }
      return { kind: 'no_video_track' };
    case 'unclear':
    case 'refused': {
      const reason = seen.kind === 'refused' ? seen.reason : 'it found no video of any size';
      throw isFileCut
        ? cutShort()
        : new ReadError('ffprobe_failed', `ffprobe cannot read the file: ${reason}`, {
            isRetryable: false,
          });
    }
  }
}

function cutShort(): ReadError {
  const message = 'the file ends before all that describes it';
  return new ReadError('truncated', message, { isRetryable: false });
}
