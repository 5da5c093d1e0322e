#!/usr/bin/env bash
# pino: a field called `level` or `time` is written beside pino's own, and readers take the caller's; on a child it is dropped.
#
# Packages: pino@10.4.0
# Guess:    pino's own fields win, or the caller's are renamed, so that each line has every name once; a child is no different.
# Seen:     the line holds both names twice, and JSON.parse keeps the last: an error with `level: 'gold'`, or with the
#           `time` of an API's answer, is lost to every filter by level or time. The same field given to `child()` is left
#           out without a word. (2026-11-28)
#> {"level":50,"time":1,"level":"gold","time":2,"msg":"the API refused"}
#> read as level gold, time 2
#> {"level":50,"time":1,"msg":"the API refused"}
#> read as level 50, time 1
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . pino@10.4.0

cat >log.cjs <<'JS'
const pino = require('pino');
const lines = [];
const logger = pino({ base: null, timestamp: () => ',"time":1' }, { write: (line) => lines.push(line.trim()) });
logger.error({ level: 'gold', time: 2 }, 'the API refused');
logger.child({ level: 'silver' }).error('the API refused');
for (const line of lines) {
  console.log(line);
  const { level, time } = JSON.parse(line);
  console.log(`read as level ${level}, time ${time}`);
}
JS
node log.cjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
