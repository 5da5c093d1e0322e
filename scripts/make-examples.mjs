// Makes the sample videos in examples/videos/. They are committed, so run this only if you change one:
//
//   node scripts/make-examples.mjs
//
// The same ffmpeg writes the same bytes every time. The ffmpeg that `npm ci` installs comes first because the
// lock file pins it. Without it (no build for this machine) the ffmpeg on PATH writes equivalent files.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const VIDEOS_DIR = fileURLToPath(new URL('../examples/videos/', import.meta.url));
const MAX_TOTAL_BYTES = 3_000_000;

/**
 * What is drawn and how it is written. `frames` and not seconds, because a duration at a rule's limit must
 * be exact.
 *
 * @typedef {{ name: string, size: string, fps: string, frames: number, output?: string[] }} Clip
 */

/** @type {Clip[]} */
const CLIPS = [
  // Inside the rules.
  { name: 'good.mp4', size: '1280x720', fps: '30', frames: 150 },
  { name: 'good.mov', size: '1280x720', fps: '24', frames: 96 },
  { name: 'good-8s.mp4', size: '720x720', fps: '60', frames: 480 },
  {
    name: 'moov-at-start.mp4',
    size: '1280x720',
    fps: '24',
    frames: 72,
    output: ['-movflags', '+faststart'],
  },
  { name: 'moov-at-end.mp4', size: '1280x720', fps: '24', frames: 72 },
  {
    name: 'fragmented.mp4',
    size: '1280x720',
    fps: '30',
    frames: 120,
    output: ['-g', '30', '-movflags', '+frag_keyframe+empty_moov+default_base_moof'],
  },
  { name: 'portrait-rotated.mp4', size: '1280x720', fps: '30', frames: 90 },
  { name: 'ntsc-29.97fps.mp4', size: '1280x720', fps: '30000/1001', frames: 120 },
  // Outside the rules, each in one way.
  { name: 'too-short.mp4', size: '1280x720', fps: '30', frames: 45 },
  { name: 'between-5.5-and-7s.mp4', size: '1280x720', fps: '30', frames: 186 },
  { name: 'too-long.mp4', size: '1280x720', fps: '30', frames: 360 },
  { name: 'too-small.mp4', size: '640x480', fps: '30', frames: 120 },
  { name: 'too-large.mp4', size: '2560x1440', fps: '30', frames: 90 },
  { name: '25fps.mp4', size: '1280x720', fps: '25', frames: 100 },
  {
    name: 'really-webm.mp4',
    size: '1280x720',
    fps: '30',
    frames: 90,
    output: ['-c:v', 'libvpx', '-crf', '50', '-b:v', '200k', '-f', 'webm'],
  },
];

const H264 = [
  '-c:v',
  'libx264',
  '-preset',
  'slow',
  '-crf',
  '42',
  '-g',
  '600',
  '-pix_fmt',
  'yuv420p',
];
// No encoder version, no creation time, and one thread: several threads split the picture differently each time.
const REPRODUCIBLE = [
  '-threads',
  '1',
  '-map_metadata',
  '-1',
  '-fflags',
  '+bitexact',
  '-flags:v',
  '+bitexact',
];

function findFfmpeg() {
  try {
    return createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg').path;
  } catch {
    return 'ffmpeg';
  }
}

function runFfmpeg(ffmpeg, args) {
  execFileSync(ffmpeg, ['-hide_banner', '-loglevel', 'error', '-y', ...args], { stdio: 'inherit' });
}

/** @param {string} ffmpeg @param {Clip} clip */
function makeClip(ffmpeg, clip) {
  const input = ['-f', 'lavfi', '-i', `smptebars=size=${clip.size}:rate=${clip.fps}`];
  // A bar crosses the picture, so that a viewer sees motion; flat colours keep the file small.
  const bar = `color=white:size=40x72:rate=${clip.fps}[bar];[in][bar]overlay=x=mod(t*200\\,W):y=H*0.8`;
  const filter = ['-vf', bar];
  const length = ['-frames:v', String(clip.frames)];
  const file = join(VIDEOS_DIR, clip.name);
  runFfmpeg(ffmpeg, [
    ...input,
    ...filter,
    ...length,
    ...H264,
    ...REPRODUCIBLE,
    ...(clip.output ?? []),
    file,
  ]);
}

/** A landscape picture that players rotate by 90°. ffmpeg writes the rotation only if it copies the stream. */
function rotate(ffmpeg, name) {
  const file = join(VIDEOS_DIR, name);
  const unrotated = join(VIDEOS_DIR, `unrotated-${name}`);
  renameSync(file, unrotated);
  runFfmpeg(ffmpeg, [
    '-i',
    unrotated,
    '-c',
    'copy',
    ...REPRODUCIBLE,
    '-metadata:s:v:0',
    'rotate=90',
    file,
  ]);
  rmSync(unrotated);
}

/** The first 60 % of a file with `moov` at the end, as an interrupted upload leaves it. */
function makeTruncated() {
  const whole = readFileSync(join(VIDEOS_DIR, 'good.mp4'));
  writeFileSync(
    join(VIDEOS_DIR, 'truncated.mp4'),
    whole.subarray(0, Math.floor(whole.length * 0.6)),
  );
}

rmSync(VIDEOS_DIR, { recursive: true, force: true });
mkdirSync(VIDEOS_DIR, { recursive: true });
const ffmpeg = findFfmpeg();
for (const clip of CLIPS) makeClip(ffmpeg, clip);
rotate(ffmpeg, 'portrait-rotated.mp4');
makeTruncated();

let totalBytes = 0;
for (const name of [...CLIPS.map((clip) => clip.name), 'truncated.mp4']) {
  const { size } = statSync(join(VIDEOS_DIR, name));
  totalBytes += size;
  console.log(`${String(size).padStart(9)} B  ${name}`);
}
console.log(`${String(totalBytes).padStart(9)} B  in total`);
if (totalBytes > MAX_TOTAL_BYTES) {
  throw new Error(
    `The sample videos take ${totalBytes} B; they must stay below ${MAX_TOTAL_BYTES} B.`,
  );
}
