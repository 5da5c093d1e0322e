#!/usr/bin/env bash
# A recording in Matroska, copied into MP4: 2 s at 24 or 60 fps become 1.999 s, and the rate is another.
#
# Packages: @ffmpeg-installer/linux-x64@4.1.0 (ffmpeg of 2018), @remotion/compositor-linux-x64-gnu@4.0.529
#           (ffmpeg 7.1), @ffprobe-installer/linux-x64@5.2.0, mediainfo.js@0.3.8, mkvtoolnix 74.0 (Debian 12)
# Guess:    Matroska counts in ms, but it also stores how long a frame is by default, so a copy of 60 fps is 60 fps; at worst
#           where mkvmerge did not write the file.
# Seen:     nobody reads that: 120 frames are 17, 17, 16 ms long and the last one 16 or 17, together 1.999 s at
#           60.03 fps, below a limit of 2 s. 30 fps comes out exactly, 24 and 60 do not, whoever wrote the Matroska.
#           ffprobe says 60.03 fps, MediaInfo 60.000 of the same file. (2026-11-29)
#> 24 fps, ffmpeg 7.1:           1.999000 s, 48000/1999 fps, MediaInfo 24 fps
#> 30 fps, ffmpeg 7.1:           2.000000 s, 30/1 fps, MediaInfo 30 fps
#> 60 fps, ffmpeg 7.1:           1.999000 s, 120000/1999 fps, MediaInfo 60 fps
#> 60 fps, mkvmerge, ffmpeg 7.1: 1.999000 s, 120000/1999 fps, MediaInfo 60 fps
#> 60 fps, ffmpeg 2018:          1.999313 s, 640000/10663 fps, MediaInfo 60 fps
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . @ffmpeg-installer/linux-x64@4.1.0 \
  @remotion/compositor-linux-x64-gnu@4.0.529 @ffprobe-installer/linux-x64@5.2.0 mediainfo.js@0.3.8
chmod +x node_modules/@ff*-installer/linux-x64/ff* # as their install scripts would
ffmpeg_2018() { node_modules/@ffmpeg-installer/linux-x64/ffmpeg "$@"; }
remotion=node_modules/@remotion/compositor-linux-x64-gnu
ffmpeg_7() { LD_LIBRARY_PATH=$remotion $remotion/ffmpeg "$@"; }
if ! mkvmerge=$(command -v mkvmerge); then
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    mkvtoolnix >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  mkvmerge() {
    LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu unpacked/usr/bin/mkvmerge "$@"
  }
  mkvmerge=mkvmerge
fi

cat >media-info.mjs <<'JS'
import { readFileSync } from 'node:fs';
import mediaInfoFactory from 'mediainfo.js';
const file = readFileSync('clip.mp4');
const mediaInfo = await mediaInfoFactory({ format: 'object' });
const { media } = await mediaInfo.analyzeData(file.length, (size, offset) => file.subarray(offset, offset + size));
console.log(media.track.find((track) => track['@type'] === 'Video').FrameRate);
mediaInfo.close();
JS
describe() { # the words
  local facts
  facts=$(node_modules/@ffprobe-installer/linux-x64/ffprobe -v error -select_streams v \
    -show_entries stream=avg_frame_rate,duration -of default=noprint_wrappers=1:nokey=1 clip.mp4 | paste -sd' ')
  printf '%-29s %s s, %s fps, MediaInfo %s fps\n' "$1:" "${facts#* }" "${facts% *}" "$(node media-info.mjs)"
}
for rate in 24 30 60; do
  ffmpeg_2018 -v error -f lavfi -i "testsrc2=s=320x240:r=$rate:d=2" -c:v libx264 -bf 2 "$rate.mkv"
done
ffmpeg_2018 -v error -f lavfi -i testsrc2=s=320x240:r=60:d=2 -c:v libx264 -bf 2 60.mp4
"$mkvmerge" -q -o merged.mkv 60.mp4
{
  for rate in 24 30 60; do
    ffmpeg_7 -v error -y -i "$rate.mkv" -c copy clip.mp4
    describe "$rate fps, ffmpeg 7.1"
  done
  ffmpeg_7 -v error -y -i merged.mkv -c copy clip.mp4
  describe '60 fps, mkvmerge, ffmpeg 7.1'
  ffmpeg_2018 -v error -y -i 60.mkv -c copy clip.mp4
  describe '60 fps, ffmpeg 2018'
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
