#!/usr/bin/env bash
# ioredis: disconnecting a connection that has already ended keeps the process running for 2 s.
#
# Packages: ioredis@6.0.0
# Guess:    disconnecting what has ended does nothing, so `finally { redis.disconnect() }` costs nothing.
# Seen:     `disconnect()` sets a timer of `disconnectTimeout` (2 s) which only the stream's `close` event clears. The
#           stream of an ended connection has had that event. So a command whose Redis was shut down or cannot be
#           reached ends 2 s after its last line. Without the call it ends at once. (2026-11-29)
#> ended, left alone:    the process ended at once
#> ended, disconnected:  the process was still running after 1 s
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . ioredis@6.0.0
REDIS_PORT=$(node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
export REDIS_PORT

cat >end.mjs <<'JS'
import { Redis } from 'ioredis';
const port = Number(process.env.REDIS_PORT);
const redis = new Redis({ host: '127.0.0.1', port, lazyConnect: true, retryStrategy: () => null });
redis.on('error', () => {});
await redis.connect().catch(() => {});
if (redis.status !== 'end') throw new Error(`the connection is ${redis.status}`);
if (process.argv[2] === 'disconnect') redis.disconnect();
let how = 'ended at once';
// This timer does not keep the process running.
setTimeout(() => { how = 'was still running after 1 s'; }, 1_000).unref();
process.on('exit', () => console.log(`the process ${how}`));
JS
{
  echo "ended, left alone:    $(timeout 30 node end.mjs)"
  echo "ended, disconnected:  $(timeout 30 node end.mjs disconnect)"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
