#!/usr/bin/env bash
# Clips joined by copying, or played twice with `-stream_loop`: which of both is no longer 30 fps depends on the version.
#
# Packages: @ffmpeg-installer/linux-x64@4.1.0 (ffmpeg of 2018), @remotion/compositor-linux-x64-gnu@4.0.529
#           (ffmpeg 7.1), @ffprobe-installer/linux-x64@5.2.0
# Guess:    joining copies of one clip keeps rate and length, or loses them in the same way wherever it is done.
# Seen:     the sound of a clip is a little longer than its picture, and the next part begins behind the longer. `-f concat`
#           of 2018 does so (10.072 s of 4 × 2.5, and Debian's 5.1 too); in 7.1 it is exact. `-stream_loop`, which does the
#           same thing, leaves a small gap in 2018 and a larger one in 7.1. The gap makes the one frame before
#           it longer, and the average 29.786 fps. (2026-11-29)
#> ffmpeg 2018, concat of 4:    10.072005 s, 300 frames, 29.786 fps
#> ffmpeg 2018, -stream_loop 3: 10.023307 s, 300 frames, 29.930 fps
#> ffmpeg 7.1,  concat of 4:    10.000000 s, 300 frames, 30.000 fps
#> ffmpeg 7.1,  -stream_loop 3: 10.069727 s, 300 frames, 29.792 fps
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . @ffmpeg-installer/linux-x64@4.1.0 \
  @remotion/compositor-linux-x64-gnu@4.0.529 @ffprobe-installer/linux-x64@5.2.0
chmod +x node_modules/@ff*-installer/linux-x64/ff* # as their install scripts would
ffmpeg_2018() { node_modules/@ffmpeg-installer/linux-x64/ffmpeg "$@"; }
remotion=node_modules/@remotion/compositor-linux-x64-gnu
ffmpeg_7() { LD_LIBRARY_PATH=$remotion $remotion/ffmpeg "$@"; }
ffmpeg_2018 -v error -f lavfi -i testsrc2=s=320x240:r=30:d=2.5 -f lavfi -i sine=d=2.5:sample_rate=44100 \
  -c:v libx264 -bf 2 -c:a aac clip.mp4
printf 'file clip.mp4\n%.0s' 1 2 3 4 >list

describe() { # the words
  local facts
  facts=$(node_modules/@ffprobe-installer/linux-x64/ffprobe -v error -select_streams v \
    -show_entries stream=duration,nb_frames -of default=noprint_wrappers=1:nokey=1 joined.mp4 | paste -sd' ')
  awk -v words="$1" -v seconds="${facts% *}" -v frames="${facts#* }" \
    'BEGIN { printf "%-28s %s s, %d frames, %.3f fps\n", words, seconds, frames, frames / seconds }'
}
join_and_describe() { # the words, an ffmpeg
  "$2" -v error -y -f concat -i list -c copy joined.mp4
  describe "$1 concat of 4:"
  "$2" -v error -y -stream_loop 3 -i clip.mp4 -c copy joined.mp4
  describe "$1 -stream_loop 3:"
}
{ join_and_describe 'ffmpeg 2018,' ffmpeg_2018; join_and_describe 'ffmpeg 7.1, ' ffmpeg_7; } | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
