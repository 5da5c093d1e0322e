#!/usr/bin/env bash
# melt, the engine of Shotcut and Kdenlive: a clip of 5.5 s with sound is rendered into 5.533 s.
#
# Packages: melt 7.12.0 (Debian 12), @ffmpeg-installer/linux-x64@4.1.0, @ffprobe-installer/linux-x64@5.2.0
# Guess:    size, rate and length are those of what went in, to the frame.
# Seen:     size and rate are. But AAC ends a little behind the picture, melt counts it as another frame, and
#           shows the last picture once more: 166 frames, beyond a limit of 5.5 s. Without sound, or with `out=164` (frames
#           from 0), there are 165. (2026-11-29)
#> with sound:           720x1280, 30/1 fps, 166 frames, 5.533333 s
#> with sound, out=164:  720x1280, 30/1 fps, 165 frames, 5.500000 s
#> without sound:        720x1280, 30/1 fps, 165 frames, 5.500000 s
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . @ffmpeg-installer/linux-x64@4.1.0 \
  @ffprobe-installer/linux-x64@5.2.0
chmod +x node_modules/@ff*-installer/linux-x64/ff* # as their install scripts would
export HOME=$work SDL_VIDEODRIVER=dummy QT_QPA_PLATFORM=offscreen
if ! command -v melt >/dev/null; then
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    melt >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  libraries=$work/unpacked/usr/lib/x86_64-linux-gnu
  paths=$libraries:$libraries/pulseaudio:$libraries/blas:$libraries/lapack:$work/unpacked/lib/x86_64-linux-gnu
  export PATH=$PATH:$work/unpacked/usr/bin LD_LIBRARY_PATH=$paths
  export MLT_REPOSITORY=$libraries/mlt-7 MLT_DATA=$work/unpacked/usr/share/mlt-7
fi
silent=(-f lavfi -i testsrc2=s=720x1280:r=30:d=5.5) codec=(-c:v libx264 -preset ultrafast -pix_fmt yuv420p)
node_modules/@ffmpeg-installer/linux-x64/ffmpeg -v error "${silent[@]}" "${codec[@]}" silent.mp4
node_modules/@ffmpeg-installer/linux-x64/ffmpeg -v error "${silent[@]}" -f lavfi -i sine=d=5.5:sample_rate=48000 \
  "${codec[@]}" -c:a aac sound.mp4

render_and_describe() { # the words, what to render
  local words=$1
  shift
  timeout 120 melt "$@" -consumer avformat:rendered.mp4 vcodec=libx264 preset=ultrafast real_time=-1 >melt.log 2>&1 || cat melt.log
  node_modules/@ffprobe-installer/linux-x64/ffprobe -v error -select_streams v \
    -show_entries stream=width,height,avg_frame_rate,duration,nb_frames -of csv=p=0 rendered.mp4 |
    awk -F, -v words="$words" '{ printf "%-21s %sx%s, %s fps, %s frames, %s s\n", words, $1, $2, $3, $5, $4 }'
}
{
  render_and_describe 'with sound:' sound.mp4
  render_and_describe 'with sound, out=164:' sound.mp4 out=164
  render_and_describe 'without sound:' silent.mp4
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
