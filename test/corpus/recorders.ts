import { withLongLastFrame, withoutFirstDurations } from './box-surgery.ts';
import { copy, encode, h264, type Recipe, source, surgery, X264 } from './recipes.ts';

/** Recorders drop frames when they are busy: the numbered ones, of 5 s. */
const dropping = (rate: string, frames: number[], timescale: string, ...rest: string[]): Recipe =>
  h264(
    '720x720',
    rate,
    '5',
    ...['-vf', `select='not(${frames.map((frame) => `eq(n,${frame})`).join('+')})'`],
    ...['-vsync', 'vfr', '-video_track_timescale', timescale],
    ...rest,
  );
const toPipe = (rate: string, seconds: string): Recipe =>
  encode(
    ...source('720x720', rate, seconds),
    ...['-f', 'lavfi', '-i', `sine=d=${seconds}:sample_rate=48000`],
    ...[...X264, '-c:a', 'aac', '-movflags', 'frag_keyframe+empty_moov'],
  );

/** Files of recorders, converters and cutters about which plain ffprobe reports wrong or doubtful facts. */
export const RECORDERS: Record<string, Recipe> = {
  'dropped-2-of-150-at-30.mp4': dropping('30', [20, 45], '600'),
  'dropped-3-of-150-at-30.mov': dropping('30', [20, 45, 46], '1000'),
  'dropped-2-of-300-at-60.mp4': dropping('60', [20, 45], '90000'),
  'dropped-2-of-120-at-24.mp4': dropping('24', [20, 45], '600'),
  'dropped-20-of-150-at-30.mp4': dropping(
    '30',
    Array.from({ length: 20 }, (_, index) => 5 + 7 * index),
    '90000',
  ),
  'dropped-2-of-125-at-25.mp4': dropping('25', [20, 45], '600'),
  'pipe-with-sound-60.mp4': toPipe('60', '5'),
  'pipe-with-sound-24.mp4': toPipe('24', '5.5'),
  'pipe-with-sound-25.mp4': toPipe('25', '5'),
  'pipe-dropped.mp4': dropping('30', [20, 45], '600', '-movflags', 'frag_keyframe+empty_moov'),
  'first-frames-without-duration-30.mp4': surgery('b-frames-30.mp4', withoutFirstDurations),
  'first-frames-without-duration-24.mp4': surgery('b-frames-24.mp4', withoutFirstDurations),
  'jitter.mp4': h264(
    '720x720',
    '30',
    '5',
    ...['-vf', "settb=1/90000,setpts='if(lt(N,50),N/20,2.5+(N-50)/40)/TB'"],
    ...['-vsync', 'passthrough', '-enc_time_base', '1/90000', '-video_track_timescale', '90000'],
  ),
  'jitter-fragmented.mp4': copy(
    'jitter.mp4',
    ...['-video_track_timescale', '90000', '-movflags', 'frag_keyframe+empty_moov'],
  ),
  'long-last-frame.mp4': surgery('b-frames-30.mp4', withLongLastFrame),
  'empty-edit.mp4': copy('rare-key-frames.mp4', '-ss', '4', '-t', '5'),
  'empty-edit.mov': copy('rare-key-frames.mp4', '-ss', '4.2', '-t', '5'),
  'hidden-frames.mp4': {
    kind: 'ffmpeg',
    from: ['rare-key-frames.mp4'],
    seek: '0.9',
    args: ['-t', '5', '-c', 'copy'],
  },
  'copied-from-matroska-60.mp4': copy('b-frames-60.mkv'),
  'sound-first.mp4': encode(
    ...['-f', 'lavfi', '-i', 'sine=d=5', '-itsoffset', '0.1', ...source('720x720', '24', '5')],
    ...[...X264, '-vsync', 'vfr', '-c:a', 'aac'],
  ),
  'sound-first-fragmented.mp4': copy(
    'sound-first.mp4',
    ...['-movflags', 'frag_keyframe+delay_moov'],
  ),
  'vp9-420.mp4': encode(
    ...source('720x720', '24', '2'),
    ...['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-pix_fmt', 'yuv420p'],
  ),
  'codec-nobody-knows.mp4': surgery('moov-last.mp4', (file) => {
    const renamed = Buffer.from(file);
    renamed.write('zz9q', file.indexOf('avc1', file.indexOf('stsd')));
    return renamed;
  }),
};

const withBFrames = (rate: string, seconds: string): Recipe =>
  h264('720x720', rate, seconds, '-bf', '3');

/** Materials of the above, not probed themselves. */
export const MATERIALS: Record<string, Recipe> = {
  'b-frames-24.mp4': withBFrames('24', '5'),
  'b-frames-30.mp4': withBFrames('30', '5'),
  'b-frames-60.mkv': withBFrames('60', '2'),
  'rare-key-frames.mp4': h264('720x720', '30', '10', '-g', '250'),
};
