#!/usr/bin/env bash
# BullMQ: adding a job under an id that exists answers with the data and options of the call, which were never stored.
#
# Packages: bullmq@6.7.0, ioredis@6.0.0, redis 7.0.15 (Debian 12)
# Guess:    the second `add` is ignored, as documented, and returns the job as it is stored; or says that it was.
# Seen:     it returns a job that carries the new data, priority and time. Only a further `getJob` shows the old ones, so
#           a caller who logs the answer logs what is not so. The same once the job has ended. (2026-11-28)
#> second add returns: row 2, priority 3
#> Redis holds:        row 1, priority 0
#> after the job ended, add returns row 3; Redis holds row 1, completed
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

cat >add.mjs <<'JS'
import { Queue, QueueEvents, Worker } from 'bullmq';
const connection = { host: '127.0.0.1', port: Number(process.env.REDIS_PORT), maxRetriesPerRequest: null };
const queue = new Queue('rows', { connection });
const describe = ({ data, opts }) => `row ${data.row}, priority ${opts.priority ?? 0}`;
await queue.add('row', { row: 1 }, { jobId: 'same' });
console.log(`second add returns: ${describe(await queue.add('row', { row: 2 }, { jobId: 'same', priority: 3 }))}`);
console.log(`Redis holds:        ${describe(await queue.getJob('same'))}`);

const events = new QueueEvents('rows', { connection });
await events.waitUntilReady();
const ended = new Promise((resolve) => { events.once('completed', resolve); });
const worker = new Worker('rows', async () => {}, { connection });
await ended;
const again = await queue.add('row', { row: 3 }, { jobId: 'same' });
const stored = await queue.getJob('same');
console.log(`after the job ended, add returns row ${again.data.row}; ` +
  `Redis holds row ${stored.data.row}, ${await stored.getState()}`);
await Promise.all([worker.close(), events.close(), queue.close()]);
JS
timeout 60 node add.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
