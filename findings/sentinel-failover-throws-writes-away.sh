#!/usr/bin/env bash
# `SENTINEL FAILOVER` of a healthy primary: it says OK to writes for ten more seconds, and all of them are thrown away.
#
# Packages: redis 7.0.15 with its sentinel (Debian 12), ioredis@6.0.0
# Guess:    a failover that is asked for, with both servers healthy and no lag, is a handing over: writes wait for a
#           moment, and what was confirmed is on the new primary, as with `FAILOVER` or with `CLUSTER FAILOVER`.
# Seen:     the sentinel promotes the replica first and tells the old primary about ten seconds later. Until then
#           clients that are connected to it, and do not ask the sentinel again, get OK for every write; then it
#           becomes a replica and forgets them. (2026-11-28)
#> confirmed by the old primary after the failover was asked for: for more than 5 s
#> of these on the new primary: fewer than one in ten
#> clients learn of it by: READONLY
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d) servers=()
trap 'kill "${servers[@]}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . ioredis@6.0.0
if ! redis=$(command -v redis-server); then
  apt-get download -qq redis-server redis-tools libjemalloc2 liblua5.1-0 liblzf1 lua-bitop lua-cjson libatomic1 libssl3 libsystemd0 >/dev/null 2>&1
  for deb in *.deb; do dpkg -x "$deb" unpacked; done
  export LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu
  redis=unpacked/usr/bin/redis-server
fi
free_port() {
  node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}
PRIMARY=$(free_port) REPLICA=$(free_port) SENTINEL=$(free_port)
export PRIMARY REPLICA SENTINEL
common=(--bind 127.0.0.1 --save '' --appendonly no)
"$redis" --port "$PRIMARY" "${common[@]}" >primary.log 2>&1 &
servers+=($!)
"$redis" --port "$REPLICA" "${common[@]}" --replicaof 127.0.0.1 "$PRIMARY" >replica.log 2>&1 &
servers+=($!)
printf '%s\n' "port $SENTINEL" 'bind 127.0.0.1' "sentinel monitor main 127.0.0.1 $PRIMARY 1" >sentinel.conf
"$redis" sentinel.conf --sentinel >sentinel.log 2>&1 &
servers+=($!)

cat >failover.mjs <<'JS'
import { Redis } from 'ioredis';
const { PRIMARY, REPLICA, SENTINEL } = process.env;
const rest = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const client = (port) => new Redis({ host: '127.0.0.1', port: Number(port) }).on('error', () => {});
const [old, next, sentinel] = [PRIMARY, REPLICA, SENTINEL].map(client);
async function until(isSo) {
  for (let tries = 0; !(await isSo().catch(() => false)); tries += 1) {
    if (tries === 300) throw new Error('not seen within 60 s');
    await rest(200);
  }
}
await until(async () => (await old.info('replication')).includes('state=online'));
await until(async () => String(await sentinel.call('SENTINEL', 'REPLICAS', 'main')).includes(REPLICA));

await sentinel.call('SENTINEL', 'FAILOVER', 'main');
const begun = Date.now();
const confirmed = [];
let refusal;
while (!refusal && Date.now() - begun < 40_000) {
  const key = `row:${confirmed.length}`;
  await old.set(key, 'session').then(() => confirmed.push({ key, afterMs: Date.now() - begun }), ({ message }) => { refusal = message; });
  await rest(50);
}
await until(async () => (await next.info('replication')).includes('role:master'));
const found = await Promise.all(confirmed.map(({ key }) => next.exists(key)));
const kept = found.filter(Boolean).length;
const longMs = confirmed.at(-1).afterMs;
console.log(`confirmed by the old primary after the failover was asked for: for ${longMs > 5000 ? 'more than 5 s' : `${longMs} ms`}`);
console.log(`of these on the new primary: ${kept < confirmed.length / 10 ? 'fewer than one in ten' : `${kept} of ${confirmed.length}`}`);
console.log(`clients learn of it by: ${refusal?.split(' ')[0]}`);
process.exit();
JS
timeout 150 node failover.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
