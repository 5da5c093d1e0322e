#!/usr/bin/env bash
# VLC's conversion to MP4 makes 131 frames of 132, and 5.333 s of 5.5, at an average of 24.56 fps.
#
# Packages: vlc-bin and vlc-plugin-base 3.0.23 (Debian 12), @ffmpeg-installer/linux-x64@4.1.0,
#           @ffprobe-installer/linux-x64@5.2.0
# Guess:    `transcode{vcodec=h264,acodec=mp4a}`, which is what its Convert does, keeps length and rate to the frame.
# Seen:     one frame is missing, and the times at which frames are decoded end an eighth of a second early, so that
#           the average is 24.56 fps, beside a nominal rate of 24. Without sound it is the same: 47 frames of 48, 1.833
#           s of 2. (2026-11-29)
#> with sound:    132 frames, 5.500000 s become 131 frames, 5.333333 s, 24/1 fps, average 393/16
#> without sound: 48 frames, 2.000000 s become 47 frames, 1.833333 s, 24/1 fps, average 282/11
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . \
  @ffmpeg-installer/linux-x64@4.1.0 @ffprobe-installer/linux-x64@5.2.0
ffmpeg=node_modules/@ffmpeg-installer/linux-x64/ffmpeg ffprobe=node_modules/@ffprobe-installer/linux-x64/ffprobe
chmod +x "$ffmpeg" "$ffprobe"
"$ffmpeg" -v error -f lavfi -i testsrc=s=720x1280:r=24 -f lavfi -i sine -t 5.5 -pix_fmt yuv420p -c:a aac sound.mp4 </dev/null
"$ffmpeg" -v error -f lavfi -i testsrc=s=720x1280:r=24 -t 2 -pix_fmt yuv420p silent.mp4 </dev/null

chmod 755 . && mkdir -m 777 home out
cat >convert.sh <<'SH'
export HOME=$PWD/home
as_nobody=() # VLC does not run as root.
if ((EUID == 0)); then as_nobody=(setpriv --reuid=nobody --regid=nogroup --clear-groups); fi
for clip in sound silent; do
  timeout 120 "${as_nobody[@]}" cvlc -I dummy --play-and-exit "$clip.mp4" vlc://quit \
    --sout "#transcode{vcodec=h264,acodec=mp4a}:standard{access=file,mux=mp4,dst=$PWD/out/$clip.mp4}" </dev/null
done
SH
if command -v cvlc >/dev/null; then
  bash convert.sh >convert.log 2>&1
else
  # Unpacks it, and what it depends on and the system lacks, and lays that over the system in a mount namespace of its
  # own: VLC looks for its modules in fixed places. Nothing is installed, and nobody else sees it.
  mkdir -p debs/partial unpacked/usr
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    vlc-bin vlc-plugin-base >/dev/null 2>&1
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
[[ -s out/silent.mp4 ]] || { tail convert.log; echo 'Not run: install vlc-bin and vlc-plugin-base, and try again.'; exit 1; }

told() { "$ffprobe" -v error -select_streams v -count_frames -show_entries "stream=$2" -of default=nw=1:nk=1 "$1.mp4"; }
length() { echo "$(told "$1" nb_read_frames) frames, $(told "$1" duration) s"; }
for clip in sound silent; do
  name='with sound:'
  [[ $clip == sound ]] || name='without sound:'
  printf '%-14s %s become %s, %s fps, average %s\n' "$name" "$(length $clip)" "$(length out/$clip)" \
    "$(told out/$clip r_frame_rate)" "$(told out/$clip avg_frame_rate)"
done | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
