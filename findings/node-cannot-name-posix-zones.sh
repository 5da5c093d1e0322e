#!/usr/bin/env bash
# `TZ=CST-8`, as servers and containers have it: Node keeps the right time, and calls the zone `undefined`.
#
# Packages: Node 20 as it is installed (seen with 20.20.2), luxon@3.7.2
# Guess:    `Intl.DateTimeFormat().resolvedOptions().timeZone` is a string, as its types say; for a zone without a name it
#           is 'UTC' or 'Etc/GMT-8'.
# Seen:     it is undefined, so a schedule that notes "the zone of this machine" notes nothing. Local clocks go by the
#           zone all the same. luxon falls back to the machine's zone under the name 'undefined'. (2026-11-28)
#> TZ=Asia/Shanghai: timeZone Asia/Shanghai, 8 h in 1970; luxon: Asia/Shanghai, offset 480
#> TZ=CST-8:         timeZone undefined, 8 h in 1970; luxon: undefined, offset 480
#> TZ=UTC+8:         timeZone undefined, 16 h in 1970; luxon: undefined, offset -480
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . luxon@3.7.2

cat >zone.mjs <<'JS'
import { DateTime } from 'luxon';
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
const midnight = new Date(0);
const { zoneName, offset } = DateTime.fromJSDate(midnight);
console.log(`TZ=${process.env.TZ}:`.padEnd(17), `timeZone ${timeZone}, ${midnight.getHours()} h in 1970; luxon: ${zoneName}, offset ${offset}`);
JS
for zone in Asia/Shanghai CST-8 UTC+8; do TZ=$zone node zone.mjs; done | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
