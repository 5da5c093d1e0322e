#!/usr/bin/env bash
# A BullMQ worker that is told to close while Redis is away never closes, also when Redis is back.
#
# Packages: bullmq 6.7.0, ioredis 6.0.0, redis 7.0.15 (Debian 12)
# Guess:    `close()` waits for Redis and ends with it; or it ends at once, as the worker has no job.
# Seen:     it waits for the event `end` of its blocking connection. ioredis calls off the next attempt to connect, and from
#           `reconnecting` it emits nothing: neither `close` nor `end`. From `ready` it does. (2026-11-30)
#> disconnect() while ready: end
#> disconnect() while reconnecting: nothing, status reconnecting
#> worker.close() while Redis is away, and 5 s after it is back: pending
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'kill "$(cat "$work/pid" 2>/dev/null)" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts bullmq@6.7.0 ioredis@6.0.0
if ! redis=$(command -v redis-server); then
  apt-get download -qq redis-server redis-tools libjemalloc2 liblua5.1-0 liblzf1 lua-bitop lua-cjson libatomic1 libssl3 libsystemd0 >/dev/null 2>&1
  for deb in *.deb; do dpkg -x "$deb" unpacked; done
  export LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu
  redis=$work/unpacked/usr/bin/redis-server
fi
export redis
cat >try.mjs <<'JS'
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
const probe = createServer().listen(0, '127.0.0.1');
await wait(100);
const { port } = probe.address();
probe.close();
const start = () => execFileSync(process.env.redis,
  ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--daemonize', 'yes', '--dir', '.', '--pidfile', `${process.cwd()}/pid`]);
const stop = () => process.kill(Number(readFileSync('pid', 'utf8')));
const open = () => {
  const redis = new Redis({ port, maxRetriesPerRequest: null, retryStrategy: () => 500 });
  return redis.on('error', () => {});
};
const said = async (redis) => {
  let last = 'nothing';
  for (const event of ['close', 'end']) redis.once(event, () => (last = event));
  redis.disconnect();
  await wait(2_000);
  return last === 'end' ? last : `${last}, status ${redis.status}`;
};
start();
const redis = open();
await redis.ping();
console.log('disconnect() while ready:', await said(redis));
const other = open();
await other.ping();
const worker = new Worker('queue', async () => {}, { connection: open() });
worker.on('error', () => {});
await worker.waitUntilReady();
await wait(1_000);
stop();
while (other.status !== 'reconnecting') await wait(50);
await wait(1_000);
console.log('disconnect() while reconnecting:', await said(other));
const closing = worker.close().then(() => 'closed');
await wait(1_000);
start();
const result = await Promise.race([closing, wait(5_000, 'pending')]);
console.log('worker.close() while Redis is away, and 5 s after it is back:', result);
process.exit();
JS
node try.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
