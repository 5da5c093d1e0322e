#!/usr/bin/env bash
# BullMQ 6 takes `add(name, data, { repeat })` and repeats nothing; 5 made a schedule of it.
#
# Packages: bullmq@5.81.5, bullmq@6.7.0, redis 7.0.15 (Debian 12)
# Guess:    an option that a new major has removed is refused, or ignored with a warning.
# Seen:     5 stores a schedule and a delayed first run. 6 adds one ordinary job, at once, and says nothing; only
#           TypeScript notices. A nightly job runs once, in the evening of the upgrade. (2026-11-28)
#> bullmq 5: waiting 0, delayed 1, schedules 1
#> bullmq 6: waiting 1, delayed 0, schedules 0
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d) server=
trap '[[ -z $server ]] || { kill "$server"; wait "$server" || true; }; rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . bullmq-5@npm:bullmq@5.81.5 bullmq-6@npm:bullmq@6.7.0 ioredis@6.0.0
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
const connection = { host: '127.0.0.1', port: Number(process.env.REDIS_PORT) };
for (const major of [5, 6]) {
  const { Queue } = await import(`bullmq-${major}`);
  const queue = new Queue(`nightly-${major}`, { connection });
  await queue.add('import', {}, { repeat: { pattern: '0 2 * * *' } });
  const { waiting, delayed } = await queue.getJobCounts('waiting', 'delayed');
  const schedules = await queue.getJobSchedulers();
  console.log(`bullmq ${major}: waiting ${waiting}, delayed ${delayed}, schedules ${schedules.length}`);
  await queue.close();
}
JS
timeout 60 node add.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
