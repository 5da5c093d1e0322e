#!/usr/bin/env bash
# ioredis: a subscribed client whose user loses its channel ends the whole process, whatever listeners it has.
#
# Packages: ioredis@6.0.0
# Guess:    the client emits `error`, which its listener hears, and stays connected without its subscription.
# Seen:     Redis closes the connections of a user that loses a channel. The client reconnects, subscribes again by
#           itself, and nobody handles the promise of that command: Node ends with exit code 1. With
#           `autoResubscribe: false` the process lives, and subscribes again itself. (2026-11-30)
#> as it is:                exit 1, NOPERM
#> autoResubscribe: false:  exit 0
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . ioredis@6.0.0
REDIS_PORT=$(node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
export REDIS_PORT
redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --save '' --dir "$work" >log &
server=$!
trap 'kill $server; wait $server || true; rm -rf "$work"' EXIT
until redis-cli -p "$REDIS_PORT" ping >/dev/null 2>&1; do :; done

cat >listen.mjs <<'JS'
import { once } from 'node:events';
import { Redis } from 'ioredis';
const port = Number(process.env.REDIS_PORT);
const admin = new Redis({ host: '127.0.0.1', port });
await admin.call('ACL', 'SETUSER', 'ear', 'reset', 'on', '>pw', '+@all', '&news');
const ear = new Redis({ host: '127.0.0.1', port, username: 'ear', password: 'pw', ...JSON.parse(process.argv[2]) });
ear.on('error', () => {});
await ear.subscribe('news');
await admin.call('ACL', 'SETUSER', 'ear', 'resetchannels');
await once(ear, 'ready');
setTimeout(() => process.exit(), 1_000);
JS
how() {
  timeout 30 node listen.mjs "$1" >out 2>&1 && echo 'exit 0' || echo "exit $?, $(grep -o -m 1 NOPERM out)"
}
{
  echo "as it is:                $(how '{}')"
  echo "autoResubscribe: false:  $(how '{"autoResubscribe":false}')"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
