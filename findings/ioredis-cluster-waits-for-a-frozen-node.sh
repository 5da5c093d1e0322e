#!/usr/bin/env bash
# A cluster client of ioredis waits for a primary that is frozen until it wakes, though its replica has long taken over.
#
# Packages: ioredis@6.0.0, redis 7.0.15 (Debian 12)
# Guess:    the client notices a node that does not answer, or asks the others from time to time.
# Seen:     it asks who has the slots when a node says MOVED or a connection breaks; a frozen node does neither. Commands
#           wait for it, 12 s here. `slotsRefreshInterval`, which is off by default, brings the replica's answer.
#           (2026-11-30)
#> by default:                 answered by the primary once it woke
#> slotsRefreshInterval 1000:  answered by the replica while the primary was frozen
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d) servers=()
trap '[[ ${#servers[@]} -eq 0 ]] || { kill -CONT "${servers[@]}"; kill "${servers[@]}"; wait "${servers[@]}" || true; }; rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . ioredis@6.0.0
if ! redis=$(command -v redis-server); then
  apt-get download -qq redis-server redis-tools libjemalloc2 liblua5.1-0 liblzf1 lua-bitop lua-cjson libatomic1 libssl3 libsystemd0 >/dev/null 2>&1
  for deb in *.deb; do dpkg -x "$deb" unpacked; done
  export LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu
  redis=$work/unpacked/usr/bin/redis-server
fi
free_port() { node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'; }
for nth in 0 1 2 3; do
  port=$(free_port) bus=$(free_port)
  mkdir "$nth"
  "$redis" --port "$port" --cluster-port "$bus" --bind 127.0.0.1 --dir "$nth" --save '' --cluster-enabled yes \
    --cluster-node-timeout 2000 >"$nth/log" 2>&1 &
  servers+=($!)
  export "PORT$nth=$port" "BUS$nth=$bus" "PID$nth=$!"
done
cat >frozen.mjs <<'JS'
import { setTimeout as wait } from 'node:timers/promises';
import { Cluster, Redis } from 'ioredis';

const nodes = [0, 1, 2, 3].map((nth) => ({
  port: Number(process.env[`PORT${nth}`]), bus: process.env[`BUS${nth}`], pid: Number(process.env[`PID${nth}`]),
}));
const clients = nodes.map(({ port }) => new Redis(port, '127.0.0.1').on('error', () => {}));
const until = async (holds) => {
  for (const end = Date.now() + 60_000; !(await holds().catch(() => false)); await wait(100)) {
    if (Date.now() > end) throw new Error(`not in time: ${holds}`);
  }
};
const [first, second, third, replica] = clients;
for (const { port, bus } of nodes.slice(1)) await first.call('CLUSTER', 'MEET', '127.0.0.1', port, bus);
await first.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16000);
await second.call('CLUSTER', 'ADDSLOTSRANGE', 16001, 16200);
await third.call('CLUSTER', 'ADDSLOTSRANGE', 16201, 16383);
const id = await first.call('CLUSTER', 'MYID');
await until(async () => (await replica.call('CLUSTER', 'REPLICATE', id)) === 'OK');
const role = async (client) => (await client.call('ROLE'))[0];
const isWell = async () => {
  const infos = await Promise.all(clients.map((client) => client.call('CLUSTER', 'INFO')));
  return infos.every((info) => info.includes('cluster_state:ok'));
};
await until(isWell);
await until(async () => (await first.info('replication')).includes('state=online'));

async function measure(options, primary, spare) {
  const at = clients.indexOf(primary);
  const client = new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port })), options);
  client.on('error', () => {});
  await client.set('key', 'before');
  process.kill(nodes[at].pid, 'SIGSTOP');
  const frozen = { is: true };
  const waking = wait(12_000).then(() => {
    frozen.is = false;
    process.kill(nodes[at].pid, 'SIGCONT');
  });
  await client.set('key', 'after');
  const answer = frozen.is ? 'the replica while the primary was frozen' : 'the primary once it woke';
  await waking;
  client.disconnect();
  await until(async () => (await role(primary)) === 'slave' && (await role(spare)) === 'master' && (await isWell()));
  await until(async () => (await spare.info('replication')).includes('state=online'));
  return `answered by ${answer}`;
}
console.log('by default:                ', await measure({}, first, replica));
console.log('slotsRefreshInterval 1000: ', await measure({ slotsRefreshInterval: 1_000 }, replica, first));
process.exit();
JS
node frozen.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
