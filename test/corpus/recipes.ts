import {
  box,
  compressMoov,
  growMoov,
  insertBefore,
  moveMedia,
  openEnd,
  patchMovieHeader,
  patchTracks,
  removeBox,
  widenMdat,
} from './box-surgery.ts';

/** How a file of the corpus is made: by ffmpeg, by changing boxes of another file, or from scratch. */
export type Recipe =
  | { kind: 'ffmpeg'; args: string[]; from?: string[]; seek?: string }
  | { kind: 'surgery'; from: string; operate: (file: Buffer) => Buffer }
  | { kind: 'bytes'; bytes: () => Buffer };

export const source = (size = '1280x720', rate = '30', seconds = '2.5') => [
  '-f',
  'lavfi',
  '-i',
  `testsrc=s=${size}:r=${rate}:d=${seconds}`,
];
const sound = (seconds: string) => ['-f', 'lavfi', '-i', `sine=d=${seconds}`];
export const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
export const encode = (...args: string[]): Recipe => ({ kind: 'ffmpeg', args });
export const h264 = (size?: string, rate?: string, seconds?: string, ...rest: string[]): Recipe =>
  encode(...source(size, rate, seconds), ...X264, ...rest);
export const copy = (from: string, ...args: string[]): Recipe => ({
  kind: 'ffmpeg',
  from: [from],
  args: ['-c', 'copy', ...args],
});
export const surgery = (from: string, operate: (file: Buffer) => Buffer): Recipe => ({
  kind: 'surgery',
  from,
  operate,
});

const noise = (size: number): Buffer => {
  const bytes = Buffer.alloc(size);
  let state = 1;
  for (let at = 0; at < size; at += 1) {
    state = (state * 48_271) % 2_147_483_647;
    bytes[at] = state;
  }
  return bytes;
};
const ZERO = Buffer.alloc(4);
const zeroDurations = (file: Buffer): Buffer =>
  patchTracks(
    patchTracks(patchMovieHeader(file, 16, ZERO), ['mdia', 'mdhd'], 16, ZERO),
    ['tkhd'],
    20,
    ZERO,
  );
const FRAGMENTS = ['-g', '15', '-movflags'];

/** Makes the header, but not the frames, state another size. For files with a single track. */
function resizeSampleEntry(file: Buffer, px: number): Buffer {
  const size = Buffer.from([0, px, 0, px]);
  return patchTracks(file, ['mdia', 'minf', 'stbl', 'stsd'], 8 + 8 + 24, size);
}

/** Everything that ffprobe can read as MP4 or MOV. Names say what is special. */
export const VIDEOS: Record<string, Recipe> = {
  'moov-last.mp4': encode(...source(), ...sound('2.5'), ...X264, '-c:a', 'aac'),
  'moov-first.mp4': copy('moov-last.mp4', '-movflags', '+faststart'),
  'quicktime.mov': copy('moov-last.mp4'),
  'brand-3gp.mp4': copy('moov-last.mp4', '-f', '3gp'),
  'no-ftyp.mov': surgery('quicktime.mov', (file) => removeBox(file, 'ftyp')),
  'mdat-64-bit.mp4': surgery('moov-last.mp4', widenMdat),
  'mdat-to-the-end.mp4': surgery('moov-first.mp4', (file) => openEnd(file, 'mdat')),
  'moov-to-the-end.mp4': surgery('moov-last.mp4', (file) => openEnd(file, 'moov')),
  'moov-packed.mov': surgery('quicktime.mov', compressMoov),
  'other-boxes.mp4': surgery('moov-last.mp4', (file) =>
    insertBefore(
      file,
      'moov',
      box('wide'),
      box('free', noise(90)),
      box('skip'),
      box('uuid', noise(40)),
    ),
  ),
  'large-free-box.mp4': surgery('moov-last.mp4', (file) =>
    insertBefore(file, 'moov', box('free', Buffer.alloc(200_000))),
  ),
  'second-mdat.mp4': surgery('moov-last.mp4', (file) =>
    insertBefore(file, 'moov', box('mdat', noise(100_000)), box('mdat', noise(100_000))),
  ),
  'moov-between.mp4': surgery('moov-last.mp4', (file) =>
    Buffer.concat([file, box('mdat', noise(300_000))]),
  ),
  'large-moov.mp4': surgery('moov-last.mp4', (file) => growMoov(file, noise(200_000))),
  'large-moov-between.mp4': surgery('second-mdat.mp4', (file) =>
    Buffer.concat([growMoov(file, noise(200_000)), box('mdat', noise(300_000))]),
  ),
  'hidden-moov.mp4': surgery('moov-last.mp4', (file) => {
    const hidden = Buffer.from(file);
    hidden.write('free', file.indexOf('moov'));
    return hidden;
  }),
  'fragmented.mp4': h264(undefined, '30', '3', ...FRAGMENTS, 'frag_keyframe+empty_moov'),
  'fragmented-sound.mp4': encode(
    ...source(undefined, '24', '2.5'),
    ...sound('2.5'),
    ...X264,
    ...FRAGMENTS,
    'frag_keyframe+empty_moov+default_base_moof',
  ),
  'fragmented-sidx.mp4': h264(undefined, '30', '3', ...FRAGMENTS, 'frag_keyframe+dash+global_sidx'),
  'fragmented-dash.mp4': h264(undefined, '60', '2', ...FRAGMENTS, 'frag_keyframe+dash'),
  'fragmented-first-in-moov.mp4': h264(undefined, '30', '3', ...FRAGMENTS, 'frag_keyframe'),
  'fragmented-no-mfra.mp4': surgery('fragmented.mp4', (file) => removeBox(file, 'mfra')),
  'edit-list.mp4': encode(
    ...['-ss', '0.5', ...source(undefined, '30', '3.5')],
    ...X264,
    ...['-bf', '3'],
  ),
  'edit-list-copy.mp4': {
    kind: 'ffmpeg',
    from: ['edit-list.mp4'],
    seek: '0.4',
    args: ['-c', 'copy'],
  },
  'rotated.mp4': copy('moov-last.mp4', '-metadata:s:v', 'rotate=90'),
  'upside-down.mp4': copy('moov-last.mp4', '-metadata:s:v', 'rotate=180'),
  'anamorphic.mp4': h264('960x720', '30', '2', '-vf', 'setsar=4/3'),
  'anamorphic-rotated.mp4': copy('anamorphic.mp4', '-metadata:s:v', 'rotate=270'),
  'audio-longer.mp4': encode(...source(), ...sound('6'), ...X264),
  'cover-art.mp4': {
    kind: 'ffmpeg',
    from: ['moov-last.mp4', 'picture.png'],
    args: ['-map', '0', '-map', '1', '-c', 'copy', '-disposition:v:1', 'attached_pic'],
  },
  'picture-track.mov': {
    kind: 'ffmpeg',
    from: ['moov-last.mp4', 'picture.png'],
    args: ['-map', '1', '-map', '0', '-c', 'copy'],
  },
  'two-tracks.mp4': {
    kind: 'ffmpeg',
    from: ['small.mp4', 'moov-last.mp4'],
    args: ['-map', '0:v', '-map', '1:v', '-c', 'copy'],
  },
  'variable-rate.mp4': h264(
    undefined,
    '30',
    '4',
    '-vf',
    "select='lt(n,40)+not(mod(n,3))'",
    '-vsync',
    'vfr',
  ),
  'variable-rate-30.mp4': h264(
    undefined,
    '60',
    '4',
    '-vf',
    "select='if(lt(n,60),1,not(mod(n,3)))'",
    '-vsync',
    'vfr',
  ),
  'coarse-clock.mp4': h264(undefined, '30', '2', '-video_track_timescale', '1000'),
  'rate-23.976.mp4': h264(undefined, '24000/1001', '2.2'),
  'rate-29.97.mp4': h264(undefined, '30000/1001', '2.2'),
  'rate-59.94.mp4': h264(undefined, '60000/1001', '2.2'),
  'rate-25.mp4': h264(undefined, '25', '2'),
  'rate-50.mov': h264(undefined, '50', '2'),
  'wrong-sample-entry.mp4': surgery('odd-size.mp4', (file) => resizeSampleEntry(file, 100)),
  'wrong-sample-entry-vp9.mp4': surgery('vp9.mp4', (file) => resizeSampleEntry(file, 200)),
  'wrong-sample-entry-far.mp4': surgery('wrong-sample-entry.mp4', (file) =>
    moveMedia(file, 50_000),
  ),
  'frame-far-away.mp4': surgery('small.mp4', (file) => moveMedia(file, 50_000)),
  'fragment-per-frame.mp4': h264(
    undefined,
    '24',
    '4',
    '-g',
    '24',
    '-movflags',
    'dash',
    '-frag_duration',
    '1',
  ),
  'small.mp4': h264('640x360', '30', '2'),
  'odd-size.mp4': h264('1918x1078', '24', '2'),
  'too-short.mp4': h264('720x720', '30', '1'),
  'in-the-gap.mp4': h264('720x720', '24', '6'),
  'too-long.mp4': h264('720x720', '24', '11'),
  'single-frame.mp4': h264('720x720', '30', '0.033'),
  'zero-duration.mp4': surgery('moov-last.mp4', zeroDurations),
  'zero-duration-fragmented.mp4': surgery('fragmented.mp4', zeroDurations),
  'no-video-track.mp4': encode(...sound('3'), '-c:a', 'aac'),
  'hevc.mp4': encode(
    ...source('1280x720', '24', '2'),
    ...['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none'],
  ),
  'hevc-hvc1.mov': copy('hevc.mp4', '-tag:v', 'hvc1'),
  'av1.mp4': encode(
    // The encoder takes 2 s even for a plain picture.
    ...['-f', 'lavfi', '-i', 'color=c=gray:s=720x720:r=24:d=0.2'],
    ...['-c:v', 'libaom-av1', '-cpu-used', '8', '-strict', 'experimental'],
  ),
  'vp9.mp4': encode(
    ...source('1280x720', '24', '2'),
    ...['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'],
  ),
  'vp9-small.mp4': encode(
    ...source('640x360', '24', '2'),
    ...['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'],
  ),
  'prores.mov': encode(
    ...source('1280x720', '24', '2'),
    '-c:v',
    'prores_ks',
    '-profile:v',
    '0',
    '-qscale:v',
    '9',
  ),
  'mpeg4-part-2.mp4': encode(...source('1280x720', '30', '2'), '-c:v', 'mpeg4'),
  'mpeg4-part-2-small.mp4': encode(...source('640x360', '30', '2'), '-c:v', 'mpeg4'),
  'png.mov': encode(...source('1280x720', '24', '2'), '-c:v', 'png'),
  'mjpeg.mov': encode(...source('1280x720', '24', '2'), '-c:v', 'mjpeg'),
  'mpeg2.mov': encode(...source('1280x720', '24', '2'), '-c:v', 'mpeg2video'),
  'encrypted.mp4': copy(
    'moov-last.mp4',
    ...['-encryption_scheme', 'cenc-aes-ctr'],
    ...['-encryption_key', '76a6c65c5ea762046bd749a2e632ccbb'],
    ...['-encryption_kid', 'a7e61c373e219033c21091fa607bf3b8'],
  ),
  'cut-in-mdat.mp4': surgery('moov-first.mp4', (file) => file.subarray(0, file.length / 2)),
};

/** Files that are not MP4 or MOV, or incomplete ones. */
export const NON_VIDEOS: Record<string, Recipe> = {
  'picture.png': encode(...source('720x720', '1', '1'), '-frames:v', '1'),
  'webm.mp4': encode(...source('720x720', '24', '1'), '-c:v', 'libvpx', '-f', 'webm'),
  'matroska.mp4': copy('moov-last.mp4', '-f', 'matroska'),
  'avi.mp4': encode(...source('720x720', '24', '1'), '-c:v', 'mpeg4', '-f', 'avi'),
  'mpegts.mp4': copy('moov-last.mp4', '-f', 'mpegts'),
  'flv.mp4': copy('moov-last.mp4', '-f', 'flv'),
  'mpegps.mp4': encode(...source('720x720', '24', '1'), '-c:v', 'mpeg2video', '-f', 'mpeg'),
  'asf.mp4': encode(...source('720x720', '24', '1'), '-c:v', 'wmv2', '-f', 'asf'),
  'ogg.mp4': encode(...sound('1'), '-c:a', 'flac', '-f', 'ogg'),
  'cut-before-moov.mp4': surgery('moov-last.mp4', (file) => file.subarray(0, file.length / 2)),
  'cut-in-moov.mp4': surgery('moov-last.mp4', (file) => file.subarray(0, file.length - 1500)),
  'cut-in-ftyp.mp4': surgery('moov-last.mp4', (file) => file.subarray(0, 20)),
  'no-moov.mp4': surgery('moov-last.mp4', (file) => removeBox(file, 'moov')),
  'noise.mp4': { kind: 'bytes', bytes: () => noise(50_000) },
  'noise-after-ftyp.mp4': surgery('moov-last.mp4', (file) =>
    Buffer.concat([file.subarray(0, 32), noise(50_000)]),
  ),
  'zeros.mp4': { kind: 'bytes', bytes: () => Buffer.alloc(50_000) },
};
