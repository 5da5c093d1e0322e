#!/usr/bin/env bash
# GStreamer: `x264enc ! avmux_mp4` writes a clip of 3 s that lasts 1,000 hours, and of 90 frames keeps 24.
#
# Packages: gstreamer 1.22.0 (Debian 12: plugins base, ugly, libav), @ffprobe-installer/linux-x64@5.2.0, mp4box@2.4.1
# Guess:    the muxer begins at the first frame, as `mp4mux` does, and writes all of them.
# Seen:     x264enc begins its time line at 1,000 hours, so that times before the first frame are not negative. mp4mux takes
#           that off; avmux_mp4 writes it as an empty edit of 1,000 hours, and `mvhd` with them. Where x264enc
#           uses B-frames, as it does by default, avmux_mp4 also drops every frame but those that it finds
#           in order, without an error: 8 fps. With `tune=zerolatency` all frames are there. (2026-11-29)
#> avmux_mp4:                     90 frames went in, 24 are there, 8/1 fps; file 3600003 s, picture 3 s
#> avmux_mp4, tune=zerolatency:   90 frames went in, 90 are there, 30/1 fps; file 3600003 s, picture 3 s
#> mp4mux:                        90 frames went in, 90 are there, 30/1 fps; file 3 s, picture 3 s
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . @ffprobe-installer/linux-x64@5.2.0 mp4box@2.4.1
chmod +x node_modules/@ffprobe-installer/linux-x64/ffprobe # as its install script would
has_plugins() {
  local plugin
  for plugin in x264enc h264parse avmux_mp4 mp4mux; do gst-inspect-1.0 "$plugin" >/dev/null 2>&1 || return 1; done
}
if ! has_plugins; then
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad \
    gstreamer1.0-plugins-ugly gstreamer1.0-libav >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  libraries=$work/unpacked/usr/lib/x86_64-linux-gnu
  paths=$libraries:$libraries/pulseaudio:$libraries/blas:$libraries/lapack:$work/unpacked/lib/x86_64-linux-gnu
  export PATH=$PATH:$work/unpacked/usr/bin LD_LIBRARY_PATH=$paths
  export GST_PLUGIN_PATH=$libraries/gstreamer-1.0
  scanner=$libraries/gstreamer1.0/gstreamer-1.0/gst-plugin-scanner
  if [[ -e $scanner ]]; then export GST_PLUGIN_SCANNER=$scanner; fi
fi
export GST_REGISTRY=$work/registry

cat >lengths.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { createFile } from 'mp4box';
const mp4 = createFile();
mp4.onReady = ({ duration, timescale, videoTracks: [track] }) => {
  console.log(`file ${Math.round(duration / timescale)} s, picture ${Math.round(track.duration / track.timescale)} s`);
};
const file = readFileSync('clip.mp4');
const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
buffer.fileStart = 0;
mp4.appendBuffer(buffer, true);
mp4.flush();
JS
write_and_describe() { # the words, an encoder, a muxer
  local facts
  timeout 60 gst-launch-1.0 -q -e videotestsrc num-buffers=90 ! video/x-raw,framerate=30/1,width=320,height=240 ! \
    x264enc threads=1 $2 ! h264parse ! "$3" ! filesink location=clip.mp4 2>gst.log || cat gst.log
  facts=$(node_modules/@ffprobe-installer/linux-x64/ffprobe -v error -select_streams v \
    -show_entries stream=nb_frames,avg_frame_rate -of default=noprint_wrappers=1:nokey=1 clip.mp4 | paste -sd' ')
  printf '%-30s 90 frames went in, %s are there, %s fps; %s\n' "$1" "${facts#* }" "${facts% *}" "$(node lengths.mjs)"
}
{
  write_and_describe 'avmux_mp4:' '' avmux_mp4
  write_and_describe 'avmux_mp4, tune=zerolatency:' tune=zerolatency avmux_mp4
  write_and_describe 'mp4mux:' '' mp4mux
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
