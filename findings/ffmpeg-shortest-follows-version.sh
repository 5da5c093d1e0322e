#!/usr/bin/env bash
# A still picture under 5.5 s of sound, with `-shortest`: each ffmpeg makes another length, and none makes 5.5 s.
#
# Packages: @ffmpeg-installer/linux-x64@4.1.0 (ffmpeg of 2018), @remotion/compositor-linux-x64-gnu@4.0.529
#           (ffmpeg 7.1), @ffprobe-installer/linux-x64@5.2.0
# Guess:    5.5 s of video, give or take one frame, in every version.
# Seen:     the 2018 build makes 5.625 s of video; 7.1 stops after 5.375 s while the file says 5.5. Debian's ffmpeg
#           5.1.9 makes 7.3 to 7.8 s, the more the more threads it has. (2026-11-28)
#> ffmpeg 2018: 135 frames, stream 5.625000, file 5.625000
#> ffmpeg 7.1:  129 frames, stream 5.375000, file 5.500000
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

ffmpeg_2018 -v error -f lavfi -i testsrc2=s=320x240 -frames:v 1 still.png
ffmpeg_2018 -v error -f lavfi -i sine=d=5.5 -c:a aac sound.m4a

length() { # an ffmpeg
  "$1" -v error -y -loop 1 -framerate 24 -i still.png -i sound.m4a -shortest -c:v libx264 -c:a copy clip.mp4
  node_modules/@ffprobe-installer/linux-x64/ffprobe -v error -select_streams v \
    -show_entries stream=duration,nb_frames:format=duration -of default=noprint_wrappers=1:nokey=1 clip.mp4 |
    paste -sd' ' | sed -E 's/(\S+) (\S+) (\S+)/\2 frames, stream \1, file \3/'
}

{
  echo "ffmpeg 2018: $(length ffmpeg_2018)"
  echo "ffmpeg 7.1:  $(length ffmpeg_7)"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
