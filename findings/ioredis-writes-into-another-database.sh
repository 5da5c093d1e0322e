#!/usr/bin/env bash
# ioredis: a database that the server does not have is not refused; everything is written into database 0.
#
# Packages: ioredis@6.0.0, redis@5.9.0 (node-redis), redis 7.0.15 (Debian 12)
# Guess:    commands are rejected, or the connection fails, until the database can be selected.
# Seen:     ioredis emits an 'error' event (which it merely prints if nobody listens) and goes on in database 0, among
#           other people's keys. node-redis fails to connect. Managed services often have one database. (2026-11-28)
#> ioredis:    set OK, lies in database 0; error event: ERR DB index is out of range
#> node-redis: connect rejected: ERR DB index is out of range
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d) server=
trap '[[ -z $server ]] || { kill "$server"; wait "$server" || true; }; rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . ioredis@6.0.0 redis@5.9.0
if ! redis=$(command -v redis-server); then
  apt-get download -qq redis-server redis-tools libjemalloc2 liblua5.1-0 liblzf1 lua-bitop lua-cjson libatomic1 libssl3 libsystemd0 >/dev/null 2>&1
  for deb in *.deb; do dpkg -x "$deb" unpacked; done
  export LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu
  redis=unpacked/usr/bin/redis-server
fi
REDIS_PORT=$(node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
export REDIS_PORT
"$redis" --port "$REDIS_PORT" --bind 127.0.0.1 --save '' --appendonly no --databases 4 >server.log 2>&1 &
server=$!
timeout 30 bash -c 'until grep -q "Ready to accept" server.log; do sleep 0.1; done'

cat >select.mjs <<'JS'
import { Redis } from 'ioredis';
import { createClient } from 'redis';
const port = Number(process.env.REDIS_PORT);
const errors = [];
const client = new Redis({ host: '127.0.0.1', port, db: 7 });
client.on('error', ({ message }) => errors.push(message));
const answer = await client.set('batch', 'mine');
const other = new Redis({ host: '127.0.0.1', port });
const place = (await other.get('batch')) === 'mine' ? 'lies in database 0' : 'is not in database 0';
console.log(`ioredis:    set ${answer}, ${place}; error event: ${errors[0] ?? 'none'}`);

const socket = { host: '127.0.0.1', port, reconnectStrategy: false };
const outcome = await createClient({ socket, database: 7 }).on('error', () => {}).connect()
  .then(() => 'connected', ({ message }) => `connect rejected: ${message}`);
console.log(`node-redis: ${outcome}`);
process.exit();
JS
timeout 60 node select.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
