#!/usr/bin/env bash
# MediaInfo: the field Duration is 5500 in a template of `--Inform`, and 5.500 in its JSON and XML.
#
# Packages: mediainfo 23.04 (Debian 12), @ffmpeg-installer/linux-x64@4.1.0 (makes the clip)
# Guess:    one field of one program has one unit, as width and rate have; JSON is another form of the same values.
# Seen:     `--Inform` gives milliseconds, `--Output=JSON` and XML seconds. A check for at most 5.5 that goes over from
#           one to the other refuses all clips, or takes all below an hour and a half. (2026-11-29)
#> --Inform:      Duration 5500, FrameRate 24.000, Width 720
#> --Output=JSON: Duration 5.500, FrameRate 24.000, Width 720
#> --Output=XML:  Duration 5.500, FrameRate 24.000, Width 720
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . @ffmpeg-installer/linux-x64@4.1.0
ffmpeg=node_modules/@ffmpeg-installer/linux-x64/ffmpeg
chmod +x "$ffmpeg"
"$ffmpeg" -v error -f lavfi -i testsrc=s=720x1280:r=24 -t 5.5 -pix_fmt yuv420p -preset ultrafast clip.mp4 </dev/null
if ! command -v mediainfo >/dev/null; then
  # Unpacks it, and what it depends on and the system lacks, without installing anything.
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    mediainfo >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  export PATH=$work/unpacked/usr/bin:$PATH
  export LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu
fi

cat >show.mjs <<'JS'
import { execFileSync } from 'node:child_process';

const FIELDS = ['Duration', 'FrameRate', 'Width'];
const ask = (option) => execFileSync('mediainfo', [option, 'clip.mp4'], { encoding: 'utf8' });
const video = JSON.parse(ask('--Output=JSON')).media.track.find((track) => track['@type'] === 'Video');
const [, xml] = ask('--Output=XML').split('<track type="Video">');
const VALUES = {
  '--Inform': (field) => ask(`--Inform=Video;%${field}%`).trim(),
  '--Output=JSON': (field) => video[field],
  '--Output=XML': (field) => new RegExp(`<${field}>(.*)</${field}>`).exec(xml)[1],
};
for (const [option, value] of Object.entries(VALUES)) {
  console.log(`${`${option}:`.padEnd(14)} ${FIELDS.map((field) => `${field} ${value(field)}`).join(', ')}`);
}
JS
node show.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
