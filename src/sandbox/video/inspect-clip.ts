import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { ClipFacts } from './judge-clip.ts';

export type Inspection = { ok: true; facts: ClipFacts } | { ok: false; message: string };

const FETCH_TIMEOUT_MS = 60_000;
const FFPROBE_TIMEOUT_MS = 30_000;
const MAX_BYTES = 512 * 1024 * 1024;

const run = promisify(execFile);

const numeric = z.coerce.number().optional().catch(undefined);

const ffprobeOutput = z.object({
  format: z.object({ format_name: z.string(), duration: numeric }),
  streams: z.array(
    z.object({
      codec_type: z.string().optional(),
      width: z.number().default(0),
      height: z.number().default(0),
      avg_frame_rate: z.string().default('0/0'),
      duration: numeric,
      disposition: z.object({ attached_pic: z.number() }).optional(),
    }),
  ),
});

/**
 * Fetches the whole video and runs ffprobe on the file, as Kling would; redirects are followed. Bad addresses and bad
 * files are results. Rejects only when `signal` is aborted or ffprobe cannot be started.
 */
export async function inspectClip(
  videoUrl: string,
  options: { ffprobePath: string; signal: AbortSignal },
): Promise<Inspection> {
  const folder = await mkdtemp(join(tmpdir(), 'kling-sandbox-'));
  const file = join(folder, 'clip');
  try {
    const problem = await download(videoUrl, file, options.signal);
    if (problem !== null) return { ok: false, message: problem };
    return await probe(file, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function download(
  videoUrl: string,
  file: string,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const timeout = AbortSignal.timeout(FETCH_TIMEOUT_MS);
    const response = await fetch(videoUrl, { signal: AbortSignal.any([signal, timeout]) });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      return `video_url could not be fetched: HTTP ${response.status}`;
    }
    await pipeline(Readable.fromWeb(response.body), atMost(MAX_BYTES), createWriteStream(file));
    return null;
  } catch (error) {
    signal.throwIfAborted();
    return `video_url could not be fetched: ${describeFetchError(error)}`;
  }
}

function atMost(maxBytes: number) {
  return async function* limit(chunks: AsyncIterable<Uint8Array>) {
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw new Error(`larger than ${maxBytes} B`);
      yield chunk;
    }
  };
}

/** `fetch` says only "fetch failed"; the cause has the details. */
function describeFetchError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

async function probe(
  file: string,
  { ffprobePath, signal }: { ffprobePath: string; signal: AbortSignal },
): Promise<Inspection> {
  const args = [
    '-v',
    'error',
    '-protocol_whitelist',
    'file',
    '-of',
    'json',
    '-show_format',
    '-show_streams',
  ];
  const output = await run(ffprobePath, [...args, file], {
    signal,
    timeout: FFPROBE_TIMEOUT_MS,
  }).catch((error: NodeJS.ErrnoException) => {
    signal.throwIfAborted();
    if (error.syscall?.startsWith('spawn')) throw new Error(`ffprobe cannot run: ${error.message}`);
    return null;
  });
  const parsed = output === null ? null : ffprobeOutput.safeParse(JSON.parse(output.stdout));
  if (!parsed?.success) return { ok: false, message: 'the file is not a video that can be read' };
  return pickFacts(parsed.data);
}

function pickFacts({ format, streams }: z.infer<typeof ffprobeOutput>): Inspection {
  const video = streams.find(
    (stream) => stream.codec_type === 'video' && stream.disposition?.attached_pic !== 1,
  );
  if (video === undefined) return { ok: false, message: 'the file has no video track' };
  return {
    ok: true,
    facts: {
      formatName: format.format_name,
      width: video.width,
      height: video.height,
      fps: parseRate(video.avg_frame_rate),
      durationS: video.duration ?? format.duration ?? 0,
    },
  };
}

/** `30000/1001` → 29.97; `0/0` → 0. */
function parseRate(rate: string): number {
  const [frames = 0, seconds = 1] = rate.split('/').map(Number);
  return seconds > 0 ? frames / seconds : 0;
}
