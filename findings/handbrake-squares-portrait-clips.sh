#!/usr/bin/env bash
# HandBrake's preset "Fast 1080p30" stores a portrait clip of 1080x1920 as 1080x1080, cuts bars off, and adds a frame.
#
# Packages: handbrake-cli 1.6.1 (Debian 12), @ffmpeg-installer/linux-x64@4.1.0, @ffprobe-installer/linux-x64@5.2.0
# Guess:    1080p30 keeps a clip of 1080x1920 at 30 fps as it is, whichever side is the longer, or makes 608x1080 of
#           it. Bars are part of the picture. 2 s at 60 fps are 60 frames at 30 fps.
# Seen:     1080 is a limit for the height, so the picture is squeezed into 1080x1080 pixels that are shown at 9:16: a
#           reader of width and height sees a square, a player shows 608x1080. The name fits landscape only. Bars above
#           and below are cut off, which makes 720x720 of 720x1280, also without a preset; `--crop 0:0:0:0` keeps them.
#           Where 60 fps become 30, there is one frame too many. (2026-11-29)
#> no preset:         1080x1920 at 30/1 becomes 1080x1920, pixels 1:1, 30/1 fps, 60 frames
#> Fast 1080p30:      1080x1920 at 30/1 becomes 1080x1080, pixels 9:16, 30/1 fps, 60 frames
#> Fast 720p30:       720x1280 at 24/1 becomes 720x720, pixels 9:16, 24/1 fps, 48 frames
#> Fast 720p30:       1280x720 at 60/1 becomes 1280x720, pixels 1:1, 30/1 fps, 61 frames
#> no preset, bars:   720x1280 at 30/1 becomes 720x720, pixels 1:1, 30/1 fps, 60 frames
#> --crop 0:0:0:0:    720x1280 at 30/1 becomes 720x1280, pixels 1:1, 30/1 fps, 60 frames
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . \
  @ffmpeg-installer/linux-x64@4.1.0 @ffprobe-installer/linux-x64@5.2.0
ffmpeg=node_modules/@ffmpeg-installer/linux-x64/ffmpeg ffprobe=node_modules/@ffprobe-installer/linux-x64/ffprobe
chmod +x "$ffmpeg" "$ffprobe"

clip() { # NAME SIZE RATE FILTER
  "$ffmpeg" -v error -f lavfi -i "testsrc=s=$2:r=$3" -t 2 -vf "$4" -pix_fmt yuv420p -preset ultrafast "$1.mp4" </dev/null
}
clip portrait 1080x1920 30 null
clip small 720x1280 24 null
clip fast 1280x720 60 null
clip bars 720x720 30 pad=720:1280:0:280
cat >convert.sh <<'SH'
export HOME=$PWD/home
convert() { HandBrakeCLI -i "$1.mp4" -o "$2.mp4" "${@:3}" </dev/null; }
convert portrait portrait-plain
convert portrait portrait-1080 -Z 'Fast 1080p30'
convert small small-720 -Z 'Fast 720p30'
convert fast fast-720 -Z 'Fast 720p30'
convert bars bars-plain
convert bars bars-kept --crop 0:0:0:0
SH
mkdir home
if command -v HandBrakeCLI >/dev/null; then
  bash convert.sh >convert.log 2>&1
else
  # Unpacks it, and what it depends on and the system lacks, and lays that over the system in a mount namespace of its own.
  # Nothing is installed, and nobody else sees it.
  mkdir -p debs/partial unpacked/usr
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    handbrake-cli >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  [[ ! -d unpacked/lib ]] || cp -a unpacked/lib/. unpacked/usr/lib/ # as on the system, where /lib is a link
  for name in blas lapack; do # as its installation would link them
    library=$(find unpacked/usr/lib/x86_64-linux-gnu/$name -name "lib$name.so.3" 2>/dev/null | head -n 1 || true)
    [[ -z $library ]] || cp -a "$(dirname "$library")/." unpacked/usr/lib/x86_64-linux-gnu/
  done
  unshare --mount bash -c '
    mount -t overlay overlay -o "lowerdir=$PWD/unpacked/usr:/usr" /usr
    bash convert.sh' >convert.log 2>&1 || true
fi
[[ -e bars-kept.mp4 ]] || { tail convert.log; echo 'Not run: install handbrake-cli, and try again.'; exit 1; }

told() { # FILE ENTRY
  "$ffprobe" -v error -select_streams v -count_frames -show_entries "stream=$2" -of default=nw=1:nk=1 "$1.mp4"
}
row() { # LABEL FROM TO
  printf '%-18s %sx%s at %s becomes %sx%s, pixels %s, %s fps, %s frames\n' "$1" \
    "$(told "$2" width)" "$(told "$2" height)" "$(told "$2" r_frame_rate)" "$(told "$3" width)" "$(told "$3" height)" \
    "$(told "$3" sample_aspect_ratio)" "$(told "$3" r_frame_rate)" "$(told "$3" nb_read_frames)"
}
{
  row 'no preset:' portrait portrait-plain
  row 'Fast 1080p30:' portrait portrait-1080
  row 'Fast 720p30:' small small-720
  row 'Fast 720p30:' fast fast-720
  row 'no preset, bars:' bars bars-plain
  row '--crop 0:0:0:0:' bars bars-kept
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
