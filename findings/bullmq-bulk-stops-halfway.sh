#!/usr/bin/env bash
# BullMQ: `addBulk` on a Redis that fills up throws, and has added some of the jobs.
#
# Packages: bullmq@6.7.0, ioredis@6.0.0, redis 7.0.15 (Debian 12)
# Guess:    adding in bulk is one transaction: all 20,000 jobs are there, or none.
# Seen:     at `maxmemory` it throws an OOM error and a part of the jobs waits in the queue: it is a pipeline, not a
#           transaction. Whoever adds them all once more has some of them twice. (2026-11-28)
#> outcome: OOM command not allowed when used memory > 'maxmemory'.
#> added: some of 20000
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
"$redis" --port "$REDIS_PORT" --bind 127.0.0.1 --save '' --appendonly no --maxmemory 8mb --maxmemory-policy noeviction >server.log 2>&1 &
server=$!
timeout 30 bash -c 'until grep -q "Ready to accept" server.log; do sleep 0.1; done'

cat >bulk.mjs <<'JS'
import { Queue } from 'bullmq';
const queue = new Queue('rows', { connection: { host: '127.0.0.1', port: Number(process.env.REDIS_PORT) } });
const jobs = Array.from({ length: 20_000 }, (_, row) => ({ name: 'row', data: { row, text: 'x'.repeat(200) } }));
const outcome = await queue.addBulk(jobs).then(() => 'added', ({ message }) => message);
console.log(`outcome: ${/OOM[^.]*\./.exec(outcome)?.[0] ?? outcome}`);
const { waiting } = await queue.getJobCounts('waiting');
console.log(`added: ${waiting > 0 && waiting < 20_000 ? 'some' : waiting} of 20000`);
await queue.close();
JS
timeout 60 node bulk.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
