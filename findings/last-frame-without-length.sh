#!/usr/bin/env bash
# Frames without a duration, as browsers' encoders give them: the last one lasts no time, and the rate comes out too high.
#
# Packages: h264-mp4-encoder@1.0.12 (makes frames), mediabunny@1.61.0, mp4-muxer@5.2.2 (write the files),
#           @ffprobe-installer/linux-x64@5.2.0
# Guess:    a muxer that is not told how long the last frame lasts repeats the length of the frame before, so that
#           48 frames at 24 fps are 2 s.
# Seen:     both give it no time at all: 1.958333 s, 48 frames. The average rate is then 48 frames over 47
#           frames' time, 24.51 fps, in mediabunny's file and 24 in mp4-muxer's. (2026-11-28)
#> mediabunny, durations given:   rate 24/1, average 24/1, duration 2.000000
#> mediabunny, durations missing: rate 24/1, average 1152/47, duration 1.958333
#> mp4-muxer, durations given:    rate 24/1, average 24/1, duration 2.000000
#> mp4-muxer, durations missing:  rate 24/1, average 24/1, duration 1.958333
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . \
  h264-mp4-encoder@1.0.12 mediabunny@1.61.0 mp4-muxer@5.2.2 @ffprobe-installer/linux-x64@5.2.0
chmod +x node_modules/@ff*-installer/linux-x64/ff* # as their install scripts would

cat >write.mjs <<'JS'
import { writeFileSync } from 'node:fs';
import h264 from 'h264-mp4-encoder';
import * as bunny from 'mediabunny';
import * as mp4Muxer from 'mp4-muxer';

const encoder = await h264.createH264MP4Encoder();
Object.assign(encoder, { width: 320, height: 240, frameRate: 24 });
encoder.initialize();
for (let frame = 0; frame < 48; frame += 1) {
  encoder.addFrameRgba(new Uint8Array(320 * 240 * 4).fill(frame));
}
encoder.finalize();
const source = new bunny.BufferSource(encoder.FS.readFile(encoder.outputFilename));
const track = await new bunny.Input({ source, formats: bunny.ALL_FORMATS }).getPrimaryVideoTrack();
const decoderConfig = await track.getDecoderConfig();
const packets = [];
for await (const packet of new bunny.EncodedPacketSink(track).packets()) packets.push(packet);

async function writeWithMediabunny(duration) {
  const target = new bunny.BufferTarget();
  const format = new bunny.Mp4OutputFormat({ fastStart: 'in-memory' });
  const output = new bunny.Output({ format, target });
  const video = new bunny.EncodedVideoPacketSource('avc');
  output.addVideoTrack(video);
  await output.start();
  for (const packet of packets) await video.add(packet.clone({ duration }), { decoderConfig });
  await output.finalize();
  return target.buffer;
}

function writeWithMp4Muxer(duration) {
  const target = new mp4Muxer.ArrayBufferTarget();
  const video = { codec: 'avc', width: 320, height: 240 };
  const muxer = new mp4Muxer.Muxer({ target, video, fastStart: 'in-memory' });
  for (const { data, type, timestamp } of packets) {
    muxer.addVideoChunkRaw(data, type, timestamp * 1e6, duration * 1e6, { decoderConfig });
  }
  muxer.finalize();
  return target.buffer;
}

const write = (name, buffer) => writeFileSync(name, Buffer.from(buffer));
write('mediabunny-given.mp4', await writeWithMediabunny(1 / 24));
write('mediabunny-missing.mp4', await writeWithMediabunny(0));
write('muxer-given.mp4', writeWithMp4Muxer(1 / 24));
write('muxer-missing.mp4', writeWithMp4Muxer(0));
JS
node write.mjs

facts() {
  node_modules/@ffprobe-installer/linux-x64/ffprobe -v error -select_streams v \
    -show_entries stream=r_frame_rate,avg_frame_rate,duration -of default=noprint_wrappers=1:nokey=1 "$1" |
    paste -sd' ' | sed -E 's/(\S+) (\S+) (\S+)/rate \1, average \2, duration \3/'
}

{
  echo "mediabunny, durations given:   $(facts mediabunny-given.mp4)"
  echo "mediabunny, durations missing: $(facts mediabunny-missing.mp4)"
  echo "mp4-muxer, durations given:    $(facts muxer-given.mp4)"
  echo "mp4-muxer, durations missing:  $(facts muxer-missing.mp4)"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
