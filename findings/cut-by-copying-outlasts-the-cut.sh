#!/usr/bin/env bash
# `ffmpeg -ss 1.5 -t 5.5 -c copy`: the clip outlasts 5.5 s, and three tools tell two lengths and two counts of frames.
#
# Packages: @ffmpeg-installer/linux-x64@4.1.0 (ffmpeg of 2018), @remotion/compositor-linux-x64-gnu@4.0.529
#           (ffmpeg 7.1), @ffprobe-installer/linux-x64@5.2.0, mediainfo.js@0.3.8, mp4box@2.4.1
# Guess:    the edit list hides the frames before the cut, so the clip lasts 5.5 s and has 165 frames for everybody.
# Seen:     with B-frames it lasts 5.567 or 5.634 s, by the version that cut it: beyond a limit of 5.5. The 1.5 s before
#           the cut are still in the file, so ffprobe counts 212 frames for a length of 169, and what does not read
#           edit lists shows 7.1 s. MediaInfo reads the list of the newer ffmpeg, but not of the older. (2026-11-28)
#> ffmpeg 2018, ffprobe:   5.566992 s, 212 frames
#> ffmpeg 2018, MediaInfo: 7.067 s, 212 frames
#> ffmpeg 2018, mp4box.js: 7.067 s, 212 frames
#> ffmpeg 7.1,  ffprobe:   5.633984 s, 212 frames
#> ffmpeg 7.1,  MediaInfo: 5.634 s, 169 frames
#> ffmpeg 7.1,  mp4box.js: 7.133 s, 212 frames
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . @ffmpeg-installer/linux-x64@4.1.0 \
  @remotion/compositor-linux-x64-gnu@4.0.529 @ffprobe-installer/linux-x64@5.2.0 mediainfo.js@0.3.8 mp4box@2.4.1
chmod +x node_modules/@ff*-installer/linux-x64/ff* # as their install scripts would
ffmpeg_2018() { node_modules/@ffmpeg-installer/linux-x64/ffmpeg "$@"; }
remotion=node_modules/@remotion/compositor-linux-x64-gnu
ffmpeg_7() { LD_LIBRARY_PATH=$remotion $remotion/ffmpeg "$@"; }
ffmpeg_2018 -v error -f lavfi -i testsrc2=s=320x240:r=30:d=10 -c:v libx264 -g 60 -bf 2 source.mp4

cat >describe.mjs <<'JS'
import { readFileSync } from 'node:fs';
import mediaInfoFactory from 'mediainfo.js';
import { createFile } from 'mp4box';
const file = readFileSync('clip.mp4');

const mediaInfo = await mediaInfoFactory({ format: 'object' });
const { media } = await mediaInfo.analyzeData(file.length, (size, offset) => file.subarray(offset, offset + size));
const { Duration, FrameCount } = media.track.find((track) => track['@type'] === 'Video');
console.log(`MediaInfo: ${Duration} s, ${FrameCount} frames`);
mediaInfo.close();

const mp4 = createFile();
mp4.onReady = ({ videoTracks: [track] }) => {
  console.log(`mp4box.js: ${(track.duration / track.timescale).toFixed(3)} s, ${track.nb_samples} frames`);
};
const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
buffer.fileStart = 0;
mp4.appendBuffer(buffer, true);
mp4.flush();
JS

cut_and_describe() { # the words, an ffmpeg
  "$2" -v error -y -ss 1.5 -i source.mp4 -t 5.5 -c copy clip.mp4
  echo "$1 ffprobe:   $(node_modules/@ffprobe-installer/linux-x64/ffprobe -v error -select_streams v \
    -show_entries stream=duration,nb_frames -of default=noprint_wrappers=1:nokey=1 clip.mp4 |
    paste -sd' ' | sed -E 's/(\S+) (\S+)/\1 s, \2 frames/')"
  node describe.mjs | sed "s/^/$1 /"
}
{ cut_and_describe 'ffmpeg 2018,' ffmpeg_2018; cut_and_describe 'ffmpeg 7.1, ' ffmpeg_7; } | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
