#!/usr/bin/env bash
# ImageMagick: `convert -delay 1x30 frame-*.png clip.mp4` writes 25 fps, and 1x10 lasts longer than asked.
#
# Packages: imagemagick-6.q16 6.9.11-60 with ffmpeg 5.1.9 (Debian 12), @ffprobe-installer/linux-x64@5.2.0
# Guess:    30 frames with a delay of 1/30 s are a clip of 1 s at 30 fps, as they are a GIF that plays for 1 s.
# Seen:     each MP4 has 25 fps. A delay only says how often a frame is repeated: never below 1/25 s, else rounded to
#           whole ones of 1/25 s, so 1/30 s lasts 1.2 s instead of 1, and 1/10 s lasts 3.6 s instead of 3. The colours
#           are 4:4:4, which most players and phones do not show. (2026-11-29)
#> -delay 1x30: 25/1 fps, 30 frames, 1.200000 s, yuv444p
#> -delay 1x24: 25/1 fps, 30 frames, 1.200000 s, yuv444p
#> -delay 1x10: 25/1 fps, 90 frames, 3.600000 s, yuv444p
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . @ffprobe-installer/linux-x64@5.2.0
ffprobe=node_modules/@ffprobe-installer/linux-x64/ffprobe
chmod +x "$ffprobe"

cat >convert.sh <<'SH'
for frame in $(seq -w 1 30); do convert-im6.q16 -size 320x240 "xc:rgb($((10#$frame * 8)),0,0)" "frame-$frame.png"; done
for delay in 1x30 1x24 1x10; do convert-im6.q16 -delay $delay frame-*.png $delay.mp4; done
SH
if command -v convert-im6.q16 >/dev/null && command -v ffmpeg >/dev/null; then
  bash convert.sh >convert.log 2>&1
else
  # Unpacks them, and what they depend on and the system lacks, and lays that over the system in a mount namespace of its
  # own: ImageMagick looks for its files in fixed places. Nothing is installed, and nobody else sees it.
  mkdir -p debs/partial unpacked/usr unpacked/etc
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    imagemagick-6.q16 ffmpeg >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  [[ ! -d unpacked/lib ]] || cp -a unpacked/lib/. unpacked/usr/lib/ # as on the system, where /lib is a link
  for name in blas lapack; do # as its installation would link them
    library=$(find unpacked/usr/lib/x86_64-linux-gnu/$name -name "lib$name.so.3" 2>/dev/null | head -n 1 || true)
    [[ -z $library ]] || cp -a "$(dirname "$library")/." unpacked/usr/lib/x86_64-linux-gnu/
  done
  unshare --mount bash -c '
    mount -t overlay overlay -o "lowerdir=$PWD/unpacked/usr:/usr" /usr
    mount -t overlay overlay -o "lowerdir=$PWD/unpacked/etc:/etc" /etc
    bash convert.sh' >convert.log 2>&1 || true
fi
[[ -e 1x10.mp4 ]] || { cat convert.log; echo 'Not run: install imagemagick and ffmpeg, and try again.'; exit 1; }

told() { "$ffprobe" -v error -select_streams v -show_entries "stream=$2" -of default=nw=1:nk=1 "$1.mp4"; }
for delay in 1x30 1x24 1x10; do
  echo "-delay $delay: $(told $delay r_frame_rate) fps, $(told $delay nb_frames) frames, $(told $delay duration) s, $(told $delay pix_fmt)"
done | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
