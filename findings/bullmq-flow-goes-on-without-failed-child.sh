#!/usr/bin/env bash
# BullMQ: a flow's parent waits for a child that failed, and runs as if all were well if that child had `removeOnFail`.
#
# Packages: bullmq@6.7.0, ioredis@6.0.0, redis 7.0.15 (Debian 12)
# Guess:    `removeOnFail` is housekeeping: it decides how long a failed job can be looked at, not what its parent
#           does.
# Seen:     without it the parent stays in waiting-children, as documented. With it the child is taken out of the
#           parent's dependencies together with its record, and the parent runs: its values lack the child's, and
#           nothing is counted as failed or ignored. (2026-11-28)
#> kept on failure:    parent waiting-children, ran with none
#> removed on failure: parent completed, ran with 1 of 2 values, failed 0, ignored 0
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

cat >flow.mjs <<'JS'
import { FlowProducer, Worker } from 'bullmq';
const connection = { host: '127.0.0.1', port: Number(process.env.REDIS_PORT), maxRetriesPerRequest: null };
const flows = new FlowProducer({ connection });
for (const [words, removeOnFail] of [['kept on failure:', false], ['removed on failure:', true]]) {
  const [parents, children] = [`report-${removeOnFail}`, `rows-${removeOnFail}`];
  let ran = 'none';
  const { promise: failed, resolve: childFailed } = withResolvers();
  const { promise: done, resolve: parentDone } = withResolvers();
  const row = new Worker(children, async ({ name }) => {
    if (name === 'bad') throw new Error('refused');
    return name;
  }, { connection });
  row.on('failed', childFailed);
  const report = new Worker(parents, async (job) => {
    const { failed: failures = 0, ignored = 0 } = await job.getDependenciesCount();
    ran = `${Object.keys(await job.getChildrenValues()).length} of 2 values, failed ${failures}, ignored ${ignored}`;
  }, { connection });
  report.on('completed', parentDone);
  const { job } = await flows.add({ name: 'report', queueName: parents, children: [
    { name: 'good', queueName: children },
    { name: 'bad', queueName: children, opts: { removeOnFail } },
  ] });
  await failed;
  await Promise.race([done, new Promise((resolve) => { setTimeout(resolve, 3000); })]);
  console.log(`${words.padEnd(19)} parent ${await job.getState()}, ran with ${ran}`);
}
process.exit();

function withResolvers() {
  let resolve;
  const promise = new Promise((settle) => { resolve = settle; });
  return { promise, resolve };
}
JS
timeout 60 node flow.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
