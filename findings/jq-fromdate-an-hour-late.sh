#!/usr/bin/env bash
# jq 1.6: `fromdate` is an hour off in summer, by the zone of the machine, and fails on milliseconds.
#
# Packages: jq 1.6, gojq 0.12.11 (Debian 12)
# Guess:    `fromdate` reads ISO 8601, with or without milliseconds as JavaScript writes them, and a Z makes it UTC
#           wherever the machine is.
# Seen:     jq 1.6 goes through the machine's zone and takes off an hour too little where that has summer time on the
#           day: with TZ=Europe/Berlin a session seems to live an hour longer from March to October. With milliseconds
#           both programs fail, so a filter by expiry needs `sub("\\.[0-9]+"; "")` first. (2026-11-29)
#> jq, January, UTC:     2026-01-26T21:14:07Z
#> jq, January, Berlin:  2026-01-26T21:14:07Z
#> jq, July, UTC:        2026-07-26T21:14:07Z
#> jq, July, Berlin:     2026-07-26T22:14:07Z
#> gojq, July, Berlin:   2026-07-26T21:14:07Z
#> jq, milliseconds:     date "2026-01-26T21:14:07.901Z" does not match format "%Y-%m-%dT%H:%M:%SZ"
#> gojq, milliseconds:   failed to parse "2026-01-26T21:14:07.901Z" with "%Y-%m-%dT%H:%M:%S%z": cannot parse %z
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
if ! command -v jq >/dev/null || ! command -v gojq >/dev/null; then
  # Unpacks them, and what they depend on and the system lacks, without installing anything.
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    jq gojq >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  export PATH=$work/unpacked/usr/bin:$PATH LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu
fi

round() { echo "\"$3T21:14:07Z\"" | TZ=$2 "$1" -r 'fromdate | todate'; } # PROGRAM ZONE DAY
failure() { echo '"2026-01-26T21:14:07.901Z"' | "$1" fromdate 2>&1 | sed 's/^jq: error (at <stdin>:1): //; s/^gojq: //'; }
{
  echo "jq, January, UTC:     $(round jq UTC 2026-01-26)"
  echo "jq, January, Berlin:  $(round jq Europe/Berlin 2026-01-26)"
  echo "jq, July, UTC:        $(round jq UTC 2026-07-26)"
  echo "jq, July, Berlin:     $(round jq Europe/Berlin 2026-07-26)"
  echo "gojq, July, Berlin:   $(round gojq Europe/Berlin 2026-07-26)"
  echo "jq, milliseconds:     $(failure jq)"
  echo "gojq, milliseconds:   $(failure gojq)"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
