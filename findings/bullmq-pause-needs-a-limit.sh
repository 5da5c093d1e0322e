#!/usr/bin/env bash
# BullMQ: `queue.rateLimit(ms)`, the way to stop all workers after a 429, stops none of them unless a limit is configured.
#
# Packages: bullmq@6.7.0, ioredis@6.0.0, redis 7.0.15 (Debian 12)
# Guess:    after `queue.rateLimit(4000)` no worker takes a job for four seconds.
# Seen:     the key is written, but workers look at it only if a maximum is set: all 40 jobs run within the four
#           seconds. With a limit too high to matter (`setGlobalRateLimit(1000000, 1000)`) they stop. (2026-11-28)
#> no limit configured:  40 of 40 jobs ran during the pause
#> a limit never reached: none or the few that were under way
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

cat >pause.mjs <<'JS'
import { Queue, Worker } from 'bullmq';
const connection = { host: '127.0.0.1', port: Number(process.env.REDIS_PORT), maxRetriesPerRequest: null };
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

async function countDuringPause(name, hasLimit) {
  const queue = new Queue(name, { connection });
  if (hasLimit) await queue.setGlobalRateLimit(1_000_000, 1000);
  let ran = 0;
  const options = { connection, concurrency: 2 };
  const workers = [1, 2].map(() => new Worker(name, async () => { ran += 1; await pause(50); }, options));
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  await queue.rateLimit(4000);
  await queue.addBulk(Array.from({ length: 40 }, () => ({ name: 'call', data: {} })));
  await pause(3000);
  return ran;
}
console.log(`no limit configured:  ${await countDuringPause('open', false)} of 40 jobs ran during the pause`);
const few = await countDuringPause('limited', true);
console.log(`a limit never reached: ${few < 8 ? 'none or the few that were under way' : `${few} jobs ran`}`);
process.exit();
JS
timeout 60 node pause.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
