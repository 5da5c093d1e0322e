#!/usr/bin/env bash
# `ffmpeg -c copy -metadata:s:v rotate=90`: an old ffmpeg turns the video, a new one does not and says nothing.
#
# Packages: @ffmpeg-installer/linux-x64@4.1.0 (ffmpeg of 2018), @remotion/compositor-linux-x64-gnu@4.0.529 (ffmpeg
#           7.1), @ffprobe-installer/linux-x64@5.2.0, mediainfo.js@0.3.8
# Guess:    the usual way to turn a clip without encoding it again still works, or is refused as an unknown option.
# Seen:     the build of 2018 writes a rotation into the track; 7.1 takes the tag, warns of nothing and writes none.
#           There `-display_rotation` in front of `-i` does it. And of the turned file ffprobe says 90, MediaInfo 270:
#           they count in opposite directions. (2026-11-28)
#> ffmpeg 2018, rotate tag:        ffprobe 90, MediaInfo 270.000
#> ffmpeg 7.1,  rotate tag:        ffprobe none, MediaInfo 0.000, warnings: 0
#> ffmpeg 7.1,  -display_rotation: ffprobe 90, MediaInfo 270.000
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . @ffmpeg-installer/linux-x64@4.1.0 \
  @remotion/compositor-linux-x64-gnu@4.0.529 @ffprobe-installer/linux-x64@5.2.0 mediainfo.js@0.3.8
chmod +x node_modules/@ff*-installer/linux-x64/ff* node_modules/@remotion/*/ff* # as their install scripts would
remotion=$work/node_modules/@remotion/compositor-linux-x64-gnu
ffmpeg_2018() { node_modules/@ffmpeg-installer/linux-x64/ffmpeg -v warning "$@" </dev/null; }
ffmpeg_7() { LD_LIBRARY_PATH=$remotion "$remotion/ffmpeg" -v warning "$@" </dev/null; }

ffmpeg_2018 -f lavfi -i testsrc=s=320x240:r=30:d=1 -c:v libx264 -pix_fmt yuv420p clip.mp4
ffmpeg_2018 -i clip.mp4 -c copy -metadata:s:v rotate=90 old.mp4
ffmpeg_7 -i clip.mp4 -c copy -metadata:s:v rotate=90 new.mp4 2>warnings
ffmpeg_7 -display_rotation 90 -i clip.mp4 -c copy option.mp4

cat >media-info.mjs <<'JS'
import { readFileSync } from 'node:fs';
import mediaInfoFactory from 'mediainfo.js';
const file = readFileSync(process.argv[2]);
const mediaInfo = await mediaInfoFactory({ format: 'object' });
const { media } = await mediaInfo.analyzeData(file.length, (size, offset) => file.subarray(offset, offset + size));
console.log(media.track.find((track) => track['@type'] === 'Video').Rotation);
JS
rotations() {
  local told
  told=$(node_modules/@ffprobe-installer/linux-x64/ffprobe -v error -show_entries stream_side_data=rotation -of csv=p=0 "$1" | grep -v '^$' || true)
  echo "ffprobe ${told:-none}, MediaInfo $(node media-info.mjs "$1")"
}
{
  echo "ffmpeg 2018, rotate tag:        $(rotations old.mp4)"
  echo "ffmpeg 7.1,  rotate tag:        $(rotations new.mp4), warnings: $(wc -l <warnings)"
  echo "ffmpeg 7.1,  -display_rotation: $(rotations option.mp4)"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
