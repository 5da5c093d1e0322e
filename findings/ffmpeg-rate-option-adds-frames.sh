#!/usr/bin/env bash
# `ffmpeg -r 24` writes two frames too many where it lowers the rate; `-vf fps=24` does not.
#
# Packages: @ffmpeg-installer/linux-x64@4.1.0 (ffmpeg of 2018), @remotion/compositor-linux-x64-gnu@4.0.529
#           (ffmpeg 7.1), @ffprobe-installer/linux-x64@5.2.0. Debian's ffmpeg 5.1.9 does the same.
# Guess:    both turn 5.5 s at 30 fps into 132 frames at 24 fps, and 5.5 s at 60 fps into 165 frames at 30 fps.
# Seen:     `-r` gives 134 frames (5.583 s) and 167 frames (5.567 s), old and new, so that a clip cut to a limit
#           of 5.5 s is beyond it. The filter gives the right number. (2026-11-28)
#> ffmpeg 2018, -r:      30 to 24 fps: 134 frames 5.583333 s
#> ffmpeg 2018, -vf fps: 30 to 24 fps: 132 frames 5.500000 s
#> ffmpeg 7.1, -r:       30 to 24 fps: 134 frames 5.583333 s
#> ffmpeg 2018, -r:      60 to 30 fps: 167 frames 5.566667 s
#> ffmpeg 2018, -vf fps: 60 to 30 fps: 165 frames 5.500000 s
#> ffmpeg 7.1, -r:       60 to 30 fps: 167 frames 5.566667 s
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . \
  @ffmpeg-installer/linux-x64@4.1.0 @ffprobe-installer/linux-x64@5.2.0 @remotion/compositor-linux-x64-gnu@4.0.529
chmod +x node_modules/@ff*-installer/linux-x64/ff* # as their install scripts would
remotion=node_modules/@remotion/compositor-linux-x64-gnu
ffmpeg_2018() { node_modules/@ffmpeg-installer/linux-x64/ffmpeg "$@"; }
ffmpeg_7() { LD_LIBRARY_PATH=$remotion $remotion/ffmpeg "$@"; }

length() {
  node_modules/@ffprobe-installer/linux-x64/ffprobe -v error -select_streams v \
    -show_entries stream=nb_frames,duration -of default=noprint_wrappers=1:nokey=1 "$1" |
    paste -sd' ' | sed -E 's/(\S+) (\S+)/\2 frames \1 s/'
}

convert() { # the source's rate, the rate to make
  ffmpeg_2018 -v error -y -f lavfi -i "testsrc2=s=320x240:r=$1:d=5.5" -c:v libx264 source.mp4
  ffmpeg_2018 -v error -y -i source.mp4 -r "$2" -c:v libx264 option-2018.mp4
  ffmpeg_2018 -v error -y -i source.mp4 -vf "fps=$2" -c:v libx264 filter-2018.mp4
  ffmpeg_7 -v error -y -i source.mp4 -r "$2" -c:v libx264 option-7.mp4
  echo "ffmpeg 2018, -r:      $1 to $2 fps: $(length option-2018.mp4)"
  echo "ffmpeg 2018, -vf fps: $1 to $2 fps: $(length filter-2018.mp4)"
  echo "ffmpeg 7.1, -r:       $1 to $2 fps: $(length option-7.mp4)"
}

{ convert 30 24; convert 60 30; } | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
