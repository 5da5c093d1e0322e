import { expiresAtOfUrl } from '../core/manifest/signatures/url-expiry.ts';
import type { AllowedHost } from '../network/allow-hosts.ts';
import { withinDeadline } from '../network/deadline.ts';
import { PUBLIC_PORTS, type ResolveHost, resolveBySystem } from '../network/guarded-lookup.ts';
import type { RunFfprobe } from './ffprobe/ffprobe.ts';
import { createFileInspector, type FileInspector, type Inspected } from './file-inspector.ts';
import { explainTimeout, newProgress } from './http/explain-timeout.ts';
import {
  type HttpFileOptions,
  openWhole,
  RangesUnusable,
  rangeReader,
  type WholeFile,
} from './http/file.ts';
import { createHttpGetter, type HttpGetter } from './http/getter.ts';
import type { HttpTimeouts } from './http/send-request.ts';
import { MEMORY_WAIT_MS, MemoryBudget, MemoryNeeded, noMemory } from './memory-budget.ts';
import { type Header, locateMoov, type ReadStretch } from './mp4/locate-moov.ts';
import { firstFrame } from './mp4/media-offsets.ts';
import type { ProbeCost, ProbeResult, Prober } from './prober.ts';
import { ReadError } from './read-error.ts';
import { resultOfSniffed } from './result-of-sniffed.ts';

export interface HttpProberOptions {
  /** The ffprobe program; see `findFfprobe`. */
  ffprobePath: string;
  /** Longest run of ffprobe, in ms. Default 40 s; it usually takes 10 ms. */
  ffprobeTimeoutMs?: number;
  /** Default: ffprobe is run in this thread. */
  runFfprobe?: RunFfprobe;
  /** Longest time of a whole probe, in ms. Default 60 s. */
  timeoutMs?: number;
  /** Default: 10 s to connect, 20 s to the first byte, 15 s of silence. */
  timeouts?: Partial<HttpTimeouts>;
  /** Most bytes that are read of one file when only the whole file is enough. Default 512 MB. */
  maxBytes?: number;
  /** Memory that all probes together may use for large headers. Default 256 MB. */
  memoryBytes?: number;
  /** Hosts and ranges that may be probed although they are not public; see `parseAllowHosts`. Default none. */
  allowHosts?: readonly AllowedHost[];
  /** Allowed ports on public hosts. Default 80, 443, 8080 and 8443. */
  allowedPorts?: readonly number[];
  /** Sent as `User-Agent`. Default `kling-sessions`. */
  userAgent?: string;
  /** Resolves names. Default: as the system does. */
  resolveHost?: ResolveHost;
  /** The clock, in ms since 1970, for signed URLs. Default the system's. */
  now?: () => number;
}

const DEFAULT_TIMEOUTS: HttpTimeouts = { connectMs: 10_000, firstByteMs: 20_000, stallMs: 15_000 };
const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_MAX_BYTES = 512 * 1024 * 1024;
/** A file that needs more at every look is changing continuously. */
const MAX_WAITS = 3;
const DEFAULT_MEMORY_BYTES = 256 * 1024 * 1024;

/**
 * A prober of http(s) URLs. Owns its connections and a temporary folder; dispose it to release both. Probes may
 * overlap.
 */
export async function createProber(options: HttpProberOptions): Promise<Prober & AsyncDisposable> {
  const inspector = await createFileInspector(options);
  const budget = new MemoryBudget(options.memoryBytes ?? DEFAULT_MEMORY_BYTES);
  const getter = createHttpGetter({
    guard: {
      allowHosts: options.allowHosts ?? [],
      allowedPorts: options.allowedPorts ?? PUBLIC_PORTS,
      resolveHost: options.resolveHost ?? resolveBySystem,
      allowSetting: 'PROBE_ALLOW_HOSTS',
    },
    timeouts: { ...DEFAULT_TIMEOUTS, ...options.timeouts },
    userAgent: options.userAgent ?? 'kling-sessions',
  });
  return {
    probe: (videoUrl, { signal }) =>
      probe(videoUrl, signal, { options, getter, inspector, budget }),
    async [Symbol.asyncDispose]() {
      getter[Symbol.dispose]();
      await inspector[Symbol.asyncDispose]();
    },
  };
}

interface Tools {
  options: HttpProberOptions;
  getter: HttpGetter;
  inspector: FileInspector;
  budget: MemoryBudget;
}

async function probe(videoUrl: string, signal: AbortSignal, tools: Tools): Promise<ProbeResult> {
  signal.throwIfAborted();
  const startedAtMs = performance.now();
  const traffic = { requests: 0, bytesRead: 0 };
  const cost = (): ProbeCost => ({ durationMs: performance.now() - startedAtMs, ...traffic });
  try {
    const url = parseUrl(videoUrl, (tools.options.now ?? Date.now)());
    const inspected = await readWithMemory(
      { getter: tools.getter, url, signal, traffic, progress: newProgress() },
      tools,
    );
    return { ...inspected, cost: cost() };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: 'unreadable', failure: toFailure(error), cost: cost() };
  }
}

/**
 * Reads a file within its deadline. If other probes hold the memory that its header needs, it is closed, so that no
 * open connection waits, and read again when the memory is free; that wait does not count.
 */
async function readWithMemory(
  file: Omit<HttpFileOptions, 'memory'>,
  tools: Tools,
): Promise<Inspected> {
  const { signal } = file;
  const timeoutMs = tools.options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  using memory = tools.budget.share();
  for (let waits = 0; ; waits += 1) {
    try {
      return await withinDeadline(
        (deadline) => readFile({ ...file, memory, signal: deadline }, tools),
        { timeoutMs, signal, late: () => explainTimeout(notInTime(timeoutMs), file.progress) },
      );
    } catch (error) {
      if (!(error instanceof MemoryNeeded)) throw error;
      if (waits === MAX_WAITS) throw noMemory();
      await withinDeadline((deadline) => memory.wait(error.bytes, deadline), {
        timeoutMs: MEMORY_WAIT_MS,
        signal,
        late: noMemory,
      });
    }
  }
}

function notInTime(timeoutMs: number): ReadError {
  const message = `the video was not read within ${timeoutMs / 1000} s`;
  return new ReadError('timeout', message, { isRetryable: true });
}

function toFailure(error: unknown) {
  if (error instanceof ReadError) {
    return error.failure;
  }
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  const message = `the video could not be read: unexpected error${code}`;
  return { code: 'unexpected', message, isRetryable: true };
}

function parseUrl(videoUrl: string, nowMs: number): URL {
  if (!URL.canParse(videoUrl)) {
    throw new ReadError('url_unsupported', 'this is not a URL', { isRetryable: false });
  }
  const expiresAtMs = expiresAtOfUrl(videoUrl);
  if (expiresAtMs !== null && expiresAtMs <= nowMs) {
    const message = `the URL expired at ${new Date(expiresAtMs).toISOString()}; sign it again`;
    throw new ReadError('url_expired', message, { isRetryable: false });
  }
  return new URL(videoUrl);
}

/** Uses the header alone if that is enough, otherwise the whole file, within limits. */
async function readFile(file: HttpFileOptions, tools: Tools): Promise<Inspected> {
  const { inspector } = tools;
  try {
    const readStretch = rangeReader(file);
    const located = await locateMoov(readStretch);
    if (located.kind === 'sniffed') {
      return resultOfSniffed(located.sniffed);
    }
    const inspected =
      located.kind === 'moov' ? await inspectByHeader(located, readStretch, file, inspector) : null;
    return inspected ?? (await readWhole(await openWhole(file), file, tools, false));
  } catch (error) {
    if (!(error instanceof RangesUnusable)) {
      throw error;
    }
    return readWhole(error.whole ?? (await openWhole(file)), file, tools, true);
  }
}

const FIRST_FRAME_BYTES = 16 * 1024;

/** With the beginning of the first frame, if that is needed and was not read. */
async function inspectByHeader(
  header: Header,
  readStretch: ReadStretch,
  { signal }: HttpFileOptions,
  inspector: FileInspector,
): Promise<Inspected | null> {
  const inspected = await inspector.inspectHeader(header, signal);
  const frame = firstFrame(header.moov);
  if (inspected !== null || frame === null || frame.start < header.media.bytes.length) {
    return inspected;
  }
  const stretch = await readStretch(frame.start, FIRST_FRAME_BYTES);
  const media = { start: frame.start, bytes: stretch?.bytes ?? Buffer.alloc(0) };
  return inspector.inspectHeader({ ...header, media }, signal);
}

/** `isRangeless`: the server does not serve ranges, so `moov` alone must be enough if possible. */
async function readWhole(
  whole: WholeFile,
  file: HttpFileOptions,
  tools: Tools,
  isRangeless: boolean,
): Promise<Inspected> {
  const { progress } = file;
  Object.assign(progress, { receivedBytes: 0, totalBytes: whole.totalBytes, isRangeless });
  const bounds = {
    maxBytes: tools.options.maxBytes ?? DEFAULT_MAX_BYTES,
    isMoovEnough: isRangeless,
    memory: file.memory,
    progress,
  };
  const spooled = await tools.inspector
    .inspectStream(counted(whole.body, progress), bounds, file.signal)
    .catch((error: unknown) => {
      throw explainTimeout(error, progress);
    });
  switch (spooled.kind) {
    case 'inspected':
      return spooled.inspected;
    case 'sniffed':
      return resultOfSniffed(spooled.sniffed);
    case 'again':
      return readWhole(await openWhole(file), file, tools, false);
  }
}

async function* counted(
  body: AsyncIterable<Buffer>,
  progress: { receivedBytes: number },
): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    progress.receivedBytes += chunk.length;
    yield chunk;
  }
}
