#!/usr/bin/env bash
# A machine whose clock is an hour ahead cannot delay a job by the clock of others: BullMQ moves the time to its own now.
#
# Packages: bullmq@6.7.0, ioredis@6.0.0, redis 7.0.15 (Debian 12)
# Guess:    `job.moveToDelayed(time)` stores the time that it is given, so a worker that knows the true time can use it.
# Seen:     a time that has passed by the caller's clock becomes the caller's now. Asked for one second from the true
#           now, the job stays away from machines with the right clock for an hour. (2026-11-30)
#> asked for 0 min from the true now, stored 60 min
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

cat >delay.mjs <<'JS'
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

const MINUTE_MS = 60_000;
const trueNow = Date.now;
Date.now = () => trueNow() + 60 * MINUTE_MS;
const connection = { host: '127.0.0.1', port: Number(process.env.REDIS_PORT), maxRetriesPerRequest: null };
const queue = new Queue('calls', { connection });
const inMinutes = (ms) => Math.round((ms - trueNow()) / MINUTE_MS);
const worker = new Worker('calls', null, { connection });
await queue.add('call', {});
const job = await worker.getNextJob('a-token');
const askedMs = trueNow() + 1_000;
await job.moveToDelayed(askedMs, 'a-token');
const client = new Redis(connection);
const [, score] = await client.zrange(queue.toKey('delayed'), 0, -1, 'WITHSCORES');
console.log(`asked for ${inMinutes(askedMs)} min from the true now, stored ${inMinutes(Number(score) / 0x1000)} min`);
client.disconnect();
await worker.close();
await queue.close();
JS
timeout 60 node delay.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
