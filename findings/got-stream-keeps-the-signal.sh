#!/usr/bin/env bash
# got: a stream that has succeeded leaves its listener, and the whole request behind it, on the `signal` it was given.
#
# Packages: got@14.6.6
# Guess:    once the answer is read to its end the abort listener is gone, as it is with `await got(…)`.
# Seen:     it stays until the stream is destroyed, and a stream that ends well never is. A signal that lives as long
#           as the process collects one request per call; Node warns at the eleventh. (2026-11-28)
#> listeners after 8 promises: 0
#> listeners after 8 streams: 8
#> listeners after 8 streams that were destroyed at their end: 0
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . got@14.6.6

cat >signal.mjs <<'JS'
import { getEventListeners } from 'node:events';
import { createServer } from 'node:http';
import got from 'got';
const server = createServer((_, response) => response.end('read me')).listen(0, '127.0.0.1');
await new Promise((resolve) => { server.once('listening', resolve); });
const url = `http://127.0.0.1:${server.address().port}`;

async function count(words, call) {
  const { signal } = new AbortController();
  for (let calls = 0; calls < 8; calls += 1) await call(signal);
  console.log(`listeners after 8 ${words}: ${getEventListeners(signal, 'abort').length}`);
}
async function readStream(signal) {
  const stream = got.stream.post(url, { body: 'x', signal });
  for await (const _ of stream);
  return stream;
}
await count('promises', (signal) => got.post(url, { body: 'x', signal }));
await count('streams', readStream);
await count('streams that were destroyed at their end', async (signal) => (await readStream(signal)).destroy());
process.exit();
JS
timeout 60 node signal.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
