#!/usr/bin/env bash
# A raw .h264 of 132 frames, copied into MP4, plays 129 or 130 of them, at 24.007 fps; by way of mkvmerge it has all.
#
# Packages: @ffmpeg-installer/linux-x64@4.1.0 (ffmpeg of 2018), @remotion/compositor-linux-x64-gnu@4.0.529 (ffmpeg
#           7.1), @ffprobe-installer/linux-x64@5.2.0, mkvtoolnix 74.0 (Debian 12). Debian's ffmpeg 5.1.9 plays 130.
# Guess:    recorders write such files; the rate stands in the stream, so `-i clip.h264 -c copy clip.mp4` makes 5.5 s
#           at 24 fps, or at worst 25 fps, which is ffmpeg's rate for what has none.
# Seen:     the rate is right. But the frames have no times, and with B-frames the muxer begins before zero and hides
#           what is there by an edit list: the first picture is missing, 5.5 s are 5.415 or 5.421 s, and the average
#           rate is none that was meant. Each frame's time of display is that of its decoding. It warns that timestamps
#           are unset, and ends well. mkvmerge makes the times from the stream. (2026-11-29)
#> ffmpeg 2018:           132 stored, 129 shown, 5.415000 s, 39600000/1649513 fps, times of B-frames: no
#> ffmpeg 7.1:            132 stored, 130 shown, 5.421000 s, 39600000/1650013 fps, times of B-frames: no
#> mkvmerge, ffmpeg 7.1:  132 stored, 132 shown, 5.499000 s, 44000/1833 fps, times of B-frames: yes
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . @ffmpeg-installer/linux-x64@4.1.0 \
  @remotion/compositor-linux-x64-gnu@4.0.529 @ffprobe-installer/linux-x64@5.2.0
old=node_modules/@ffmpeg-installer/linux-x64/ffmpeg ffprobe=node_modules/@ffprobe-installer/linux-x64/ffprobe
remotion=node_modules/@remotion/compositor-linux-x64-gnu
chmod +x "$old" "$ffprobe" "$remotion/ffmpeg"
new=(env "LD_LIBRARY_PATH=$remotion" "$remotion/ffmpeg")

"$old" -v error -f lavfi -i testsrc=s=720x1280:r=24 -t 5.5 -pix_fmt yuv420p -c:v libx264 -f h264 clip.h264 </dev/null
"$old" -v error -i clip.h264 -c copy 2018.mp4 </dev/null 2>old.log
"${new[@]}" -v error -i clip.h264 -c copy 7.1.mp4 </dev/null 2>new.log
if command -v mkvmerge >/dev/null; then
  mkvmerge -q -o clip.mkv clip.h264
else
  # Unpacks it, and what it depends on and the system lacks, without installing anything.
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    mkvtoolnix >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu \
    unpacked/usr/bin/mkvmerge -q -o clip.mkv clip.h264
fi
"${new[@]}" -v error -i clip.mkv -c copy mkvmerge.mp4 </dev/null

told() { "$ffprobe" -v error -select_streams v -count_frames -show_entries "stream=$2" -of default=nw=1:nk=1 "$1.mp4"; }
has_times() { # of their own, for frames that are shown later than they are decoded
  "$ffprobe" -v error -select_streams v -show_entries packet=pts,dts -of csv=p=0 "$1.mp4" |
    awk -F, '$1 != $2 { found = 1 } END { print found ? "yes" : "no" }'
}
row() {
  printf '%-22s %s stored, %s shown, %s s, %s fps, times of B-frames: %s\n' "$1" "$(told "$2" nb_frames)" \
    "$(told "$2" nb_read_frames)" "$(told "$2" duration)" "$(told "$2" avg_frame_rate)" "$(has_times "$2")"
}
{
  row 'ffmpeg 2018:' 2018
  row 'ffmpeg 7.1:' 7.1
  row 'mkvmerge, ffmpeg 7.1:' mkvmerge
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
