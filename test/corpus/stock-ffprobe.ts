import { execFile } from 'node:child_process';
import { judgeVideo } from '../../src/lib/core/video/judge-video.ts';
import type { VideoFacts } from '../../src/lib/core/video/video.ts';

/** Plain ffprobe's result for a whole file: the prober has to agree with it. */
export type StockOpinion =
  | { kind: 'video'; tracks: StockTrack[] }
  | { kind: 'no_video' }
  | { kind: 'other'; format: string }
  | { kind: 'error' };

export interface StockTrack {
  codec: string;
  width: number;
  height: number;
  fps: number;
  durationS: number | null;
  containerDurationS: number | null;
  isAccepted: boolean;
}

interface StockStream {
  codec_type?: string;
  codec_name?: string;
  width?: number;
  height?: number;
  avg_frame_rate?: string;
  sample_aspect_ratio?: string;
  duration?: string;
  nb_frames?: string;
  disposition?: { attached_pic?: number };
  side_data_list?: { rotation?: number }[];
}

interface StockOutput {
  streams?: StockStream[];
  format?: { format_name?: string; duration?: string };
}

/** `args` control the comparison, for example `-f mov`; by default ffprobe detects the format. */
export async function askStockFfprobe(
  ffprobePath: string,
  file: string,
  args: string[] = [],
): Promise<StockOpinion> {
  const output = await printed(ffprobePath, [
    ...['-v', 'quiet', '-show_streams', '-show_format', '-of', 'json'],
    ...args,
    file,
  ]);
  if (output?.format === undefined || output.streams === undefined || output.streams.length === 0) {
    return { kind: 'error' };
  }
  const format = output.format.format_name ?? '';
  if (!format.includes('mp4')) {
    return { kind: 'other', format };
  }
  const tracks = output.streams
    .filter((stream) => stream.codec_type === 'video' && stream.disposition?.attached_pic !== 1)
    .map((stream) => readTrack(stream, output.format?.duration));
  if (tracks.some(({ width, height }) => width * height === 0)) {
    return { kind: 'error' };
  }
  return tracks.length === 0 ? { kind: 'no_video' } : { kind: 'video', tracks };
}

function printed(ffprobePath: string, args: string[]): Promise<StockOutput | null> {
  return new Promise((resolve) => {
    execFile(ffprobePath, args, { timeout: 20_000, maxBuffer: 64e6 }, (error, stdout) => {
      try {
        resolve(error ? null : (JSON.parse(stdout) as StockOutput));
      } catch {
        resolve(null);
      }
    });
  });
}

function readTrack(stream: StockStream, containerDuration: string | undefined): StockTrack {
  const isTurned = Math.abs(rotationOf(stream)) % 180 === 90;
  const { width = 0, height = 0, codec_name: codec = 'unknown' } = stream;
  const aspect = quotient(stream.sample_aspect_ratio?.replace(':', '/')) || 1;
  const durationS = stream.duration === undefined ? null : Number(stream.duration);
  const facts: VideoFacts = {
    container: 'mp4',
    codec,
    width: isTurned ? height : width,
    height: isTurned ? width : height,
    ...(aspect === 1 ? {} : { pixelAspectRatio: isTurned ? 1 / aspect : aspect }),
    fps: quotient(stream.avg_frame_rate),
    isVariableFrameRate: false,
    // A duration of 0 with frames in it means that the file does not say.
    durationS: durationS === 0 && stream.nb_frames !== '1' ? null : durationS,
    containerDurationS: Number(containerDuration) || null,
    notes: [],
  };
  const { isAccepted } = judgeVideo(facts, { strictFps: false });
  const { fps, containerDurationS } = facts;
  return {
    codec,
    width: facts.width,
    height: facts.height,
    fps,
    durationS: facts.durationS,
    containerDurationS,
    isAccepted,
  };
}

function rotationOf({ side_data_list: data = [] }: StockStream): number {
  return data.find(({ rotation }) => rotation !== undefined)?.rotation ?? 0;
}

function quotient(text: string | undefined): number {
  const [numerator, denominator] = (text ?? '').split('/').map(Number);
  return numerator && denominator ? numerator / denominator : 0;
}
