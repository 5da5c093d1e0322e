#!/usr/bin/env bash
# With `failoverDetector`, ioredis closes for good when the news of another primary comes while it asks the sentinels.
#
# Packages: ioredis@6.0.0, redis 7.0.15 (Debian 12)
# Guess:    a client that is just looking for its primary takes the news for what it is waiting for.
# Seen:     the news ends the search with "Connection is closed.", and the client is `end`: no retry strategy is asked,
#           and it never connects again. News a moment earlier or later only makes it reconnect. (2026-11-30)
#> news while connected: reconnects, ready
#> news while asking a sentinel: Connection is closed., end
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d) servers=()
trap '[[ ${#servers[@]} -eq 0 ]] || { kill "${servers[@]}"; wait "${servers[@]}" || true; }; rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . ioredis@6.0.0
if ! redis=$(command -v redis-server); then
  apt-get download -qq redis-server redis-tools libjemalloc2 liblua5.1-0 liblzf1 lua-bitop lua-cjson libatomic1 libssl3 libsystemd0 >/dev/null 2>&1
  for deb in *.deb; do dpkg -x "$deb" unpacked; done
  export LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu
  redis=$work/unpacked/usr/bin/redis-server
fi
free_port() { node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'; }
FIRST=$(free_port) SECOND=$(free_port) SENTINEL=$(free_port)
export FIRST SECOND SENTINEL
"$redis" --port "$FIRST" --bind 127.0.0.1 --save '' --appendonly no >first.log 2>&1 &
servers+=($!)
"$redis" --port "$SECOND" --bind 127.0.0.1 --save '' --appendonly no --replicaof 127.0.0.1 "$FIRST" >second.log 2>&1 &
servers+=($!)
timeout 60 bash -c 'until grep -q "MASTER <-> REPLICA sync: Finished" second.log; do sleep 0.1; done'
printf '%s\n' "port $SENTINEL" 'bind 127.0.0.1' "sentinel monitor main 127.0.0.1 $FIRST 1" >sentinel.conf
"$redis" sentinel.conf --sentinel >sentinel.log 2>&1 &
servers+=($!)
timeout 60 bash -c 'until grep -q "+slave" sentinel.log; do sleep 0.1; done'

cat >news.mjs <<'JS'
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { Redis } from 'ioredis';

const sentinelPort = Number(process.env.SENTINEL);
const waiting = [];
let isShut = false;
let onWaiting = () => undefined;
const pass = (client) => {
  const upstream = connect(sentinelPort, '127.0.0.1');
  client.pipe(upstream).pipe(client);
  for (const socket of [client, upstream]) socket.on('error', () => undefined);
};
// Passes connections on to the sentinel; while it is shut, new ones wait.
const gate = createServer((client) => {
  if (!isShut) return pass(client);
  waiting.push(client);
  onWaiting();
}).listen(0, '127.0.0.1');
await once(gate, 'listening');
const { port } = gate.address();

const client = new Redis({ sentinels: [{ host: '127.0.0.1', port }], name: 'main', failoverDetector: true });
const errors = [];
client.on('error', (error) => errors.push(error.message));
await once(client, 'ready');

const asked = new Redis(sentinelPort, '127.0.0.1');
const subscribed = async () => {
  while (!/ sub=1 /.test(await asked.client('LIST'))) await new Promise((resolve) => setTimeout(resolve, 50));
};
await subscribed();
// Subscribes last, and so hears the news last.
const listener = new Redis(port, '127.0.0.1');
await listener.subscribe('+switch-master');
const failOver = async () => {
  const news = once(listener, 'message');
  let answer;
  do answer = await asked.call('SENTINEL', 'FAILOVER', 'main').catch(() => new Promise((resolve) => setTimeout(resolve, 500)));
  while (answer !== 'OK');
  await news;
};

const reconnected = new Promise((resolve) => { client.once('ready', resolve); });
await failOver();
await reconnected;
console.log(`news while connected: reconnects, ${client.status}`);

await listener.unsubscribe();
await subscribed();
await listener.subscribe('+switch-master');
errors.length = 0;
isShut = true;
const asking = new Promise((resolve) => { onWaiting = resolve; });
client.stream.destroy();
await asking;
const ended = new Promise((resolve) => { client.once('end', resolve); });
await failOver();
isShut = false;
waiting.splice(0).forEach(pass);
await ended;
console.log(`news while asking a sentinel: ${errors.at(-1)}, ${client.status}`);
process.exit();
JS
timeout 120 node news.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
