#!/usr/bin/env bash
# BullMQ: a job that is retried by hand no longer holds its deduplication id, so its twin runs beside it.
#
# Packages: bullmq@6.7.0, ioredis@6.0.0, redis 7.0.15 (Debian 12)
# Guess:    with `deduplication: { id }` at most one job of that id is waiting or active, however it came to wait.
# Seen:     a job between two attempts of its own holds the id, and a second add is swallowed. After its last attempt
#           the id is free; `job.retry()`, which a dashboard's button calls, does not take it again. The job runs once
#           more, a second one is added under the same id, and both run at the same time. (2026-11-28)
#> added between two attempts:    swallowed, active at once 1
#> added after job.retry():       taken, active at once 2
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

cat >twins.mjs <<'JS'
import { Queue, QueueEvents, Worker } from 'bullmq';
const connection = { host: '127.0.0.1', port: Number(process.env.REDIS_PORT), maxRetriesPerRequest: null };
const rest = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
async function until(isSo) {
  for (let tries = 0; !(await isSo()); tries += 1) {
    if (tries === 200) throw new Error('not seen within 20 s');
    await rest(100);
  }
}
for (const [words, attempts] of [['added between two attempts:', 2], ['added after job.retry():', 1]]) {
  const name = `rows-${attempts}`;
  const queue = new Queue(name, { connection });
  let works = false, active = 0, most = 0;
  const worker = new Worker(name, async () => {
    if (!works) throw new Error('refused');
    active += 1;
    most = Math.max(most, active);
    await rest(1500);
    active -= 1;
  }, { connection, concurrency: 5 });
  const options = { attempts, backoff: { type: 'fixed', delay: 2000 }, deduplication: { id: 'row-1' } };
  const first = await queue.add('row', {}, options);
  await until(async () => ['delayed', 'failed'].includes(await first.getState()));
  works = true;
  if (attempts === 1) await first.retry();
  const second = await queue.add('row', {}, options);
  await until(() => first.isCompleted());
  await until(async () => (await queue.getActiveCount()) + (await queue.getWaitingCount()) === 0);
  console.log(`${words.padEnd(30)} ${second.id === first.id ? 'swallowed' : 'taken'}, active at once ${most}`);
}
process.exit();
JS
timeout 60 node twins.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
