#!/usr/bin/env bash
# DuckDB reads one time from CSV as an instant and from JSON Lines as a time without a zone, so `> now()` is hours off.
#
# Packages: @duckdb/node-api@1.5.6-r.1
# Guess:    `2026-11-26T21:14:07.901Z` is the same instant in either format, and is compared as one, wherever the
#           machine is.
# Seen:     `read_csv` makes TIMESTAMP WITH TIME ZONE of it. `read_json` makes TIMESTAMP: the digits of UTC without the
#           Z. A comparison with `now()` takes these for local time, so in Shanghai a session counts as expired eight
#           hours early, and in New York as alive five hours too long. On a server in UTC nothing shows. Written again,
#           the time has no zone. An id in the form of a UUID becomes a UUID and is written in small letters.
#           (2026-11-29)
#> Asia/Shanghai:    CSV TIMESTAMP WITH TIME ZONE, alive an hour before its end: true
#> Asia/Shanghai:    JSON TIMESTAMP, alive an hour before its end: false
#> America/New_York: JSON TIMESTAMP, alive an hour after its end: true
#> UTC:              JSON TIMESTAMP, alive an hour before its end: true
#> written again:    {"session_id":"9d2f7c1e-0000-4000-8000-00000000ab12","expires_at":"2026-11-26 21:14:07.901"}
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . @duckdb/node-api@1.5.6-r.1

printf '%s\n' session_id,expires_at 9D2F7C1E-0000-4000-8000-00000000AB12,2026-11-26T21:14:07.901Z >report.csv
echo '{"session_id":"9D2F7C1E-0000-4000-8000-00000000AB12","expires_at":"2026-11-26T21:14:07.901Z"}' >report.jsonl
cat >ask.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api';

const connection = await (await DuckDBInstance.create(':memory:')).connect();
async function alive(table, when, moment) {
  const result = await connection.runAndReadAll(
    `SELECT typeof(expires_at), expires_at > timestamptz '${moment}' FROM ${table}`,
  );
  const [[type, answer]] = result.getRowsJson();
  console.log(`${`${process.env.TZ}:`.padEnd(17)} ${table.includes('csv') ? 'CSV' : 'JSON'} ${type}, ${when}: ${answer}`);
}
const CSV = "read_csv('report.csv')";
const JSON_LINES = "read_json('report.jsonl')";
const BEFORE = ['alive an hour before its end', '2026-11-26 20:14:08+00'];
const AFTER = ['alive an hour after its end', '2026-11-26 22:14:08+00'];
if (process.env.TZ === 'Asia/Shanghai') await alive(CSV, ...BEFORE);
await alive(JSON_LINES, ...(process.env.TZ === 'America/New_York' ? AFTER : BEFORE));
await connection.run(`COPY (FROM ${JSON_LINES}) TO 'again.jsonl'`);
JS
{
  for zone in Asia/Shanghai America/New_York UTC; do TZ=$zone node ask.mjs; done
  echo "written again:    $(cat again.jsonl)"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
