#!/usr/bin/env bash
# ioredis: after a time-out of a blocking pop, the next element of the list goes to nobody.
#
# Packages: ioredis@6.0.0, redis 7.0.15 (Debian 12)
# Guess:    `commandTimeout` and `blockingTimeout` end the waiting: what comes later stays in the list for whoever asks next.
# Seen:     they end it for the caller only. The server still waits on behalf of the connection, pops the next element when it
#           comes, and ioredis drops the late answer. With `blockingTimeout` the call even looks like an ordinary
#           one that found nothing: `null`. The time-out of BLPOP itself loses nothing. (2026-11-29)
#> commandTimeout:        Error: Command timed out; left of 1 element: 0
#> blockingTimeout:       null; left of 1 element: 0
#> time-out of the BLPOP: null; left of 1 element: 1
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d) server=
trap '[[ -z $server ]] || { kill "$server"; wait "$server" || true; }; rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . ioredis@6.0.0
if command -v redis-server >/dev/null && command -v redis-cli >/dev/null; then
  redis=$(dirname "$(command -v redis-server)")
else
  apt-get download -qq redis-server redis-tools libjemalloc2 liblua5.1-0 liblzf1 lua-bitop lua-cjson libatomic1 libssl3 libsystemd0 >/dev/null 2>&1
  for deb in *.deb; do dpkg -x "$deb" unpacked; done
  export LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu
  redis=unpacked/usr/bin
fi
port=$(node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
"$redis/redis-server" --port "$port" --bind 127.0.0.1 --save "" --appendonly no >server.log 2>&1 &
server=$!
timeout 30 bash -c 'until grep -q "Ready to accept" server.log; do sleep 0.1; done'

cat >pop.mjs <<'JS'
import { Redis } from 'ioredis';
const port = Number(process.argv[2]);
const producer = new Redis({ port });
async function pop(words, options, seconds) {
  const consumer = new Redis({ port, ...options });
  const list = `rows of ${words}`;
  const outcome = await consumer.blpop(list, seconds).catch((error) => `Error: ${error.message}`);
  await producer.rpush(list, 'row-1');
  // The server answers a waiting client before the next command.
  await producer.ping();
  console.log(`${words.padEnd(22)} ${outcome}; left of 1 element: ${await producer.llen(list)}`);
  consumer.disconnect();
}
await pop('commandTimeout:', { commandTimeout: 300 }, 20);
await pop('blockingTimeout:', { blockingTimeout: 300 }, 20);
await pop('time-out of the BLPOP:', {}, 1);
process.exit();
JS
timeout 60 node pop.mjs "$port" | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
