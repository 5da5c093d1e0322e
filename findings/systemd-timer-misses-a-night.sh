#!/usr/bin/env bash
# A systemd timer for 02:30 does not run in the night that the clocks go forward, and an hourly one misses an hour in autumn.
#
# Packages: systemd 252 (Debian 12), asked with `systemd-analyze calendar`
# Guess:    as cron does: what falls into the missing hour runs once, right after it; hourly means every hour.
# Seen:     the night without 02:30 is left out: the next run is a day later. In autumn a timer for 02:30 runs once, in
#           the first of the two hours, and `hourly` in a zone does not run at the begin of the second: two hours pass
#           between 02:00 and 03:00. Times in UTC are not concerned. (2026-11-29)
#> 02:30 Europe/Berlin, clocks go forward: 2026-03-28 01:30, 2026-03-30 00:30
#> 02:30 Europe/Berlin, clocks go back:    2026-10-24 00:30, 2026-10-25 00:30, 2026-10-26 01:30
#> hourly Europe/Berlin, clocks go back:   2026-10-24 23:00, 2026-10-25 00:00, 2026-10-25 02:00, 2026-10-25 03:00
#> hourly UTC, clocks go back:             2026-10-24 23:00, 2026-10-25 00:00, 2026-10-25 01:00, 2026-10-25 02:00
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
if ! analyze=$(command -v systemd-analyze); then
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    systemd >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  libraries=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu
  export LD_LIBRARY_PATH=$libraries:$work/unpacked/lib/systemd:$work/unpacked/usr/lib/x86_64-linux-gnu/systemd
  analyze=unpacked/usr/bin/systemd-analyze
fi
next() { # how often, the moment before, what
  TZ=UTC "$analyze" calendar --iterations="$1" --base-time="$2" "$3" |
    grep -oE '(Next elapse|Iter\. #[0-9]+|\(in UTC\)): [A-Z][a-z]{2} [0-9-]+ [0-9:]+' |
    sed -E 's/.* ([0-9-]+ [0-9]+:[0-9]+):00$/\1/' | paste -sd, | sed 's/,/, /g'
}
{
  echo "02:30 Europe/Berlin, clocks go forward: $(next 2 '2026-03-27 12:00:00 UTC' '*-*-* 02:30:00 Europe/Berlin')"
  echo "02:30 Europe/Berlin, clocks go back:    $(next 3 '2026-10-23 12:00:00 UTC' '*-*-* 02:30:00 Europe/Berlin')"
  echo "hourly Europe/Berlin, clocks go back:   $(next 4 '2026-10-24 22:30:00 UTC' '*-*-* *:00:00 Europe/Berlin')"
  echo "hourly UTC, clocks go back:             $(next 4 '2026-10-24 22:30:00 UTC' '*-*-* *:00:00 UTC')"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
