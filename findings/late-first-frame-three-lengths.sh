#!/usr/bin/env bash
# A video whose first frame is shown at 2 s: three ffprobe builds tell three lengths of one and the same file.
#
# Packages: h264-mp4-encoder@1.0.12 (makes frames), mediabunny@1.61.0 (writes the file), ffprobe-static@3.1.0
#           (ffprobe 4.0.2), @ffprobe-installer/linux-x64@5.2.0 (ffprobe of 2023),
#           @remotion/compositor-linux-x64-gnu@4.0.529 (ffprobe 7.1). Debian's 5.1.9: stream 5.5, file 7.5.
# Guess:    165 frames at 30 fps last 5.5 s; if the gap before them counts, it counts in every version.
# Seen:     the gap is an empty edit at the front of the edit list. 4.0.2 counts it twice over (7.5 and 7.5), 5.1.9 for
#           the file only, later builds not at all. Written as fragments, the same frames last 7.5 s in all of
#           them. Recorders write this when sound starts before the picture. (2026-11-28)
#> ordinary file, ffprobe 4.0.2: start 2.000000, stream 7.500000, file 7.500000
#> ordinary file, ffprobe 2023:  start 2.000000, stream 5.500000, file 5.500000
#> ordinary file, ffprobe 7.1:   start 2.000000, stream 5.500000, file 5.500000
#> fragments,     ffprobe 4.0.2: start 2.000000, stream 7.500000, file 7.500000
#> fragments,     ffprobe 2023:  start 2.000000, stream 7.500000, file 7.500000
#> fragments,     ffprobe 7.1:   start 2.000000, stream 7.500000, file 7.500000
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . h264-mp4-encoder@1.0.12 mediabunny@1.61.0 \
  ffprobe-static@3.1.0 @ffprobe-installer/linux-x64@5.2.0 @remotion/compositor-linux-x64-gnu@4.0.529
chmod +x node_modules/@ff*-installer/linux-x64/ff* # as their install scripts would
remotion=node_modules/@remotion/compositor-linux-x64-gnu

cat >write.mjs <<'JS'
import { writeFileSync } from 'node:fs';
import h264 from 'h264-mp4-encoder';
import * as bunny from 'mediabunny';

const encoder = await h264.createH264MP4Encoder();
Object.assign(encoder, { width: 320, height: 240, frameRate: 30 });
encoder.initialize();
for (let frame = 0; frame < 165; frame += 1) {
  encoder.addFrameRgba(new Uint8Array(320 * 240 * 4).fill(frame));
}
encoder.finalize();
const source = new bunny.BufferSource(encoder.FS.readFile(encoder.outputFilename));
const track = await new bunny.Input({ source, formats: bunny.ALL_FORMATS }).getPrimaryVideoTrack();
const decoderConfig = await track.getDecoderConfig();

for (const fastStart of ['in-memory', 'fragmented']) {
  const target = new bunny.BufferTarget();
  const output = new bunny.Output({ format: new bunny.Mp4OutputFormat({ fastStart }), target });
  const video = new bunny.EncodedVideoPacketSource('avc');
  output.addVideoTrack(video);
  await output.start();
  for await (const packet of new bunny.EncodedPacketSink(track).packets()) {
    await video.add(packet.clone({ timestamp: packet.timestamp + 2 }), { decoderConfig });
  }
  await output.finalize();
  writeFileSync(`${fastStart}.mp4`, Buffer.from(target.buffer));
}
JS
node write.mjs

length() { # the file, then ffprobe
  local file=$1
  shift
  "$@" -v error -select_streams v -show_entries stream=start_time,duration:format=duration \
    -of default=noprint_wrappers=1:nokey=1 "$file" | paste -sd' ' |
    sed -E 's/(\S+) (\S+) (\S+)/start \1, stream \2, file \3/'
}

{
  while read -r file words; do
    echo "$words ffprobe 4.0.2: $(length "$file" node_modules/ffprobe-static/bin/linux/x64/ffprobe)"
    echo "$words ffprobe 2023:  $(length "$file" node_modules/@ffprobe-installer/linux-x64/ffprobe)"
    echo "$words ffprobe 7.1:   $(LD_LIBRARY_PATH=$remotion length "$file" $remotion/ffprobe)"
  done <<'FILES'
in-memory.mp4 ordinary file,
fragmented.mp4 fragments,
FILES
} | sed 's/^fragments,/&    /' | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
