#!/usr/bin/env bash
# One fragment cut out of an HLS stream: every ffprobe counts the time before it as its length.
#
# Packages: @ffmpeg-installer/linux-x64@4.1.0 (makes the stream), ffprobe-static@3.1.0 (ffprobe 4.0.2),
#           @ffprobe-installer/linux-x64@5.2.0 (ffprobe of 2023), @remotion/compositor-linux-x64-gnu@4.0.529
#           (ffprobe 7.1), mediainfo.js@0.3.8
# Guess:    init.mp4 + the tenth segment of four seconds is a clip of four seconds; `duration` says 4.
# Seen:     `duration` is 40, of the stream and of the file, in all three builds: where the fragment ends on the
#           old time line. Only `start_time` tells that it begins at 36. MediaInfo says 4. (2026-11-28)
#> ffprobe 4.0.2: start 36.000000, stream 40.000000, file 40.000000
#> ffprobe 2023:  start 36.000000, stream 40.000000, file 40.000000
#> ffprobe 7.1:   start 36.000000, stream 40.000000, file 40.000000
#> MediaInfo:     4
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . \
  @ffmpeg-installer/linux-x64@4.1.0 ffprobe-static@3.1.0 @ffprobe-installer/linux-x64@5.2.0 \
  @remotion/compositor-linux-x64-gnu@4.0.529 mediainfo.js@0.3.8
chmod +x node_modules/@ff*-installer/linux-x64/ff* # as their install scripts would
ffmpeg=node_modules/@ffmpeg-installer/linux-x64/ffmpeg
remotion=node_modules/@remotion/compositor-linux-x64-gnu

"$ffmpeg" -v fatal -f lavfi -i testsrc2=s=320x240:r=30:d=60 -c:v libx264 -preset ultrafast -bf 0 -g 120 \
  -f hls -hls_time 4 -hls_list_size 0 -hls_segment_type fmp4 stream.m3u8
cat init.mp4 stream9.m4s >clip.mp4

length() { # the program and its arguments
  "$@" -v error -select_streams v -show_entries stream=start_time,duration:format=duration \
    -of default=noprint_wrappers=1:nokey=1 clip.mp4 | paste -sd' ' |
    sed -E 's/(\S+) (\S+) (\S+)/start \1, stream \2, file \3/'
}

cat >mediainfo.mjs <<'JS'
import { readFileSync } from 'node:fs';
import mediaInfoFactory from 'mediainfo.js';
const file = readFileSync('clip.mp4');
const mediaInfo = await mediaInfoFactory({ format: 'object' });
const { media } = await mediaInfo.analyzeData(file.length, (size, offset) => file.subarray(offset, offset + size));
console.log(media.track.find((track) => track['@type'] === 'Video').Duration);
mediaInfo.close();
JS

{
  echo "ffprobe 4.0.2: $(length node_modules/ffprobe-static/bin/linux/x64/ffprobe)"
  echo "ffprobe 2023:  $(length node_modules/@ffprobe-installer/linux-x64/ffprobe)"
  echo "ffprobe 7.1:   $(LD_LIBRARY_PATH=$remotion length $remotion/ffprobe)"
  echo "MediaInfo:     $(node mediainfo.mjs)"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
