#!/usr/bin/env bash
# BullMQ: a limit of 10 jobs a second lets almost 20 through within one second.
#
# Packages: bullmq@6.7.0, ioredis@6.0.0, redis 7.0.15 (Debian 12)
# Guess:    `limiter: { max: 10, duration: 1000 }` means that no second sees more than 10 starts.
# Seen:     the window starts with the first job and is then fixed. After one job and a pause of 0.9 s, 9 more start at
#           its end and 10 right behind it. An API that counts a sliding second answers 429. (2026-11-28)
#> most starts within any second: more than 15
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d) server=
trap '[[ -z $server ]] || { kill "$server"; wait "$server" || true; }; rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . bullmq@6.7.0 ioredis@6.0.0
if ! redis=$(command -v redis-server); then
  apt-get download -qq redis-server redis-tools libjemalloc2 liblua5.1-0 liblzf1 lua-bitop lua-cjson libatomic1 libssl3 libsystemd0 >/dev/null 2>&1
  for deb in *.deb; do dpkg -x "$deb" unpacked; done
  export LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu
  redis=unpacked/usr/bin/redis-server
fi
REDIS_PORT=$(node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
export REDIS_PORT
"$redis" --port "$REDIS_PORT" --bind 127.0.0.1 --save '' --appendonly no >server.log 2>&1 &
server=$!
timeout 30 bash -c 'until grep -q "Ready to accept" server.log; do sleep 0.1; done'

cat >limit.mjs <<'JS'
import { Queue, Worker } from 'bullmq';
const connection = { host: '127.0.0.1', port: Number(process.env.REDIS_PORT), maxRetriesPerRequest: null };
const queue = new Queue('calls', { connection });
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const starts = [];
const options = { connection, concurrency: 20, limiter: { max: 10, duration: 1000 } };
const worker = new Worker('calls', async () => { starts.push(Date.now()); }, options);
await worker.waitUntilReady();
await queue.add('call', {});
while (starts.length < 1) await pause(5);
await pause(700);
await queue.addBulk(Array.from({ length: 30 }, () => ({ name: 'call', data: {} })));
while (starts.length < 25) await pause(20);
await worker.close();
await queue.close();
const most = Math.max(...starts.map((from) => starts.filter((at) => at >= from && at < from + 1000).length));
console.log(`most starts within any second: ${most > 15 ? 'more than 15' : most}`);
JS
timeout 60 node limit.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
