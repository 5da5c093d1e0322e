#!/usr/bin/env bash
# A phone's clip that goes through Matroska lies on its side, unless the right two versions of ffmpeg copy it.
#
# Packages: @ffmpeg-installer/linux-x64@4.1.0 (ffmpeg of 2018), @remotion/compositor-linux-x64-gnu@4.0.529 (ffmpeg
#           7.1), @ffprobe-installer/linux-x64@5.2.0, mkvtoolnix 74.0 (Debian 12). Debian's ffmpeg 5.1.9 writes
#           Matroska without a rotation, and reads that of 7.1.
# Guess:    a copy into Matroska and back keeps how the clip is to be turned, or a warning says that it is lost.
# Seen:     ffmpeg of 2018 writes the rotation as a tag, which only itself reads; 7.1 writes it as the roll of a
#           projection, which 2018 does not know; mkvmerge leaves it out. Nobody warns. Width and height are as before,
#           so a portrait clip becomes a landscape one. (2026-11-29)
#> into MP4 by ffmpeg 2018: of 2018's Matroska turned, of 7.1's on its side, of mkvmerge's on its side
#> into MP4 by ffmpeg 7.1:  of 2018's Matroska on its side, of 7.1's turned, of mkvmerge's on its side
#> warnings: 0
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . @ffmpeg-installer/linux-x64@4.1.0 \
  @remotion/compositor-linux-x64-gnu@4.0.529 @ffprobe-installer/linux-x64@5.2.0
old=node_modules/@ffmpeg-installer/linux-x64/ffmpeg ffprobe=node_modules/@ffprobe-installer/linux-x64/ffprobe
remotion=node_modules/@remotion/compositor-linux-x64-gnu
chmod +x "$old" "$ffprobe" "$remotion/ffmpeg"
by_old() { "$old" -v warning "$@" </dev/null 2>>warnings; }
by_new() { LD_LIBRARY_PATH=$remotion "$remotion/ffmpeg" -v warning "$@" </dev/null 2>>warnings; }

by_old -f lavfi -i testsrc=s=1280x720:r=30 -t 2 -pix_fmt yuv420p -preset ultrafast landscape.mp4
by_old -i landscape.mp4 -c copy -metadata:s:v rotate=90 phone.mp4
by_old -i phone.mp4 -c copy 2018.mkv
by_new -i phone.mp4 -c copy 7.1.mkv
if command -v mkvmerge >/dev/null; then
  mkvmerge -q -o mkvmerge.mkv phone.mp4
else
  # Unpacks it, and what it depends on and the system lacks, without installing anything.
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    mkvtoolnix >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu \
    unpacked/usr/bin/mkvmerge -q -o mkvmerge.mkv phone.mp4
fi

shown() { # COPIER MATROSKA
  "by_$1" -i "$2.mkv" -c copy "$1-$2.mp4"
  if "$ffprobe" -v error -select_streams v -show_entries stream_side_data=rotation -of csv=p=0 "$1-$2.mp4" | grep -q 90; then
    echo turned
  else
    echo 'on its side'
  fi
}
row() { echo "$1 of 2018's Matroska $(shown "$2" 2018), of 7.1's $(shown "$2" 7.1), of mkvmerge's $(shown "$2" mkvmerge)"; }
{
  row 'into MP4 by ffmpeg 2018:' old
  row 'into MP4 by ffmpeg 7.1: ' new
  echo "warnings: $(grep -ci rotat warnings || true)"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
