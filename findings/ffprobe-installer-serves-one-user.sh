#!/usr/bin/env bash
# ffprobe of npm, installed by root as a service's owner does, can be run by root alone.
#
# Packages: @ffprobe-installer/ffprobe 2.1.2 (linux-x64 5.2.0); @ffmpeg-installer/ffmpeg 1.1.0 (linux-x64 4.1.0)
# Guess:    a program in a package is for everybody, as those that npm links into `bin` are: mode 755.
# Seen:     so it is for ffmpeg. ffprobe, by the same author, is packed as 644, and its `postinstall` is `chmod u+x`: 744. A
#           service with a user of its own (`User=`, `DynamicUser=`) may read it and not run it. With `--ignore-scripts`
#           nobody may. (2026-11-30)
#> ffprobe: 744, without scripts 644, another user: Permission denied
#> ffmpeg:  755, without scripts 755, another user: runs
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
umask 022
chmod 755 "$work"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @ffprobe-installer/ffprobe@2.1.2 @ffmpeg-installer/ffmpeg@1.1.0
mkdir bare && cd bare && npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @ffprobe-installer/ffprobe@2.1.2 @ffmpeg-installer/ffmpeg@1.1.0
cd ..
program() { # folder, which
  echo "$1/node_modules/@$2-installer/linux-x64/$2"
}
mode() { stat --format %a "$(program "$@")"; }
# A shell tries it: a program that becomes another user by itself may keep rights.
as_other() {
  setpriv --reuid 65534 --regid 65534 --clear-groups sh -c '"$1" -version 2>&1 | head -n 1' sh "$work/$1" |
    sed 's/.*: //; s/.* version .*/runs/'
}
report() { # label, which
  echo "$1 $(mode . "$2"), without scripts $(mode bare "$2"), another user: $(as_other "$(program . "$2")")"
}
{
  report ffprobe: ffprobe
  report 'ffmpeg: ' ffmpeg
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
