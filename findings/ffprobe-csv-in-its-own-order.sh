#!/usr/bin/env bash
# ffprobe's `-of csv` has an order of its own, and for a clip of a phone a separator too many: 1280x720x.
#
# Packages: @ffmpeg-installer/linux-x64@4.1.0 (makes the clips), ffprobe-static@3.1.0 (ffprobe 4.0.2),
#           @ffprobe-installer/linux-x64@5.2.0 (ffprobe of 2023), @remotion/compositor-linux-x64-gnu@4.0.529 (ffprobe
#           7.1)
# Guess:    `-show_entries stream=height,width -of csv=s=x:p=0` prints height x width, the same for each clip, on one
#           line.
# Seen:     the order is that of ffprobe's own fields, so it is width x height. The clip of a phone carries its
#           rotation as side data, which csv shows as an empty field or line, by version, even though it was not asked
#           for: a script that was tried with landscape clips reads a number with an x behind it. Width and height are
#           those before the rotation. `-of json` has the fields by name. (2026-11-29)
#> ffprobe 4.0.2: landscape 1280x720, of a phone 1280x720 and an empty line
#> ffprobe 2023:  landscape 1280x720, of a phone 1280x720x and an empty line
#> ffprobe 7.1:   landscape 1280x720, of a phone 1280x720x
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . @ffmpeg-installer/linux-x64@4.1.0 ffprobe-static@3.1.0 \
  @ffprobe-installer/linux-x64@5.2.0 @remotion/compositor-linux-x64-gnu@4.0.529
ffmpeg=node_modules/@ffmpeg-installer/linux-x64/ffmpeg
remotion=node_modules/@remotion/compositor-linux-x64-gnu
chmod +x "$ffmpeg" node_modules/@ffprobe-installer/linux-x64/ffprobe "$remotion/ffprobe"
"$ffmpeg" -v error -f lavfi -i testsrc=s=1280x720:r=30 -t 1 -pix_fmt yuv420p -preset ultrafast landscape.mp4 </dev/null
"$ffmpeg" -v error -i landscape.mp4 -c copy -metadata:s:v rotate=90 phone.mp4 </dev/null

told() { # FILE COMMAND…
  "${@:2}" -v error -select_streams v:0 -show_entries stream=height,width -of csv=s=x:p=0 "$1.mp4" |
    sed 's/^$/and an empty line/' | paste -sd' '
}
row() { printf '%-14s landscape %s, of a phone %s\n' "$1" "$(told landscape "${@:2}")" "$(told phone "${@:2}")"; }
{
  row 'ffprobe 4.0.2:' node_modules/ffprobe-static/bin/linux/x64/ffprobe
  row 'ffprobe 2023:' node_modules/@ffprobe-installer/linux-x64/ffprobe
  row 'ffprobe 7.1:' env "LD_LIBRARY_PATH=$remotion" "$remotion/ffprobe"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
