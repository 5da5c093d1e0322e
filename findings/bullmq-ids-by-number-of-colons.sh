#!/usr/bin/env bash
# BullMQ's job ids may hold two colons, but neither one nor three.
#
# Packages: bullmq@6.7.0, ioredis@6.0.0, redis 7.0.15 (Debian 12)
# Guess:    a colon, which separates the parts of Redis keys, is either allowed in an id or refused.
# Seen:     `batch:row` and `a:b:c:d` are refused as "Custom Id cannot contain :", `batch:row:attempt` is taken. Ids
#           that are tried out with one shape fail with another. (2026-11-28)
#> row          taken
#> batch:row    Custom Id cannot contain :
#> batch:row:2  taken
#> a:b:c:d      Custom Id cannot contain :
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
import { Queue } from 'bullmq';
const queue = new Queue('ids', { connection: { host: '127.0.0.1', port: Number(process.env.REDIS_PORT) } });
for (const jobId of ['row', 'batch:row', 'batch:row:2', 'a:b:c:d']) {
  const outcome = await queue.add('row', {}, { jobId }).then(() => 'taken', ({ message }) => message);
  console.log(`${jobId.padEnd(12)} ${outcome}`);
}
await queue.close();
JS
timeout 60 node add.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
