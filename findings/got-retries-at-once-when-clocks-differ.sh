#!/usr/bin/env bash
# `Retry-After` as a date, from a server whose clock is some seconds behind: got asks again at once.
#
# Packages: got@14.6.6
# Guess:    a date that has passed says nothing, so the usual wait of about one second applies, as for `Retry-After: 0`.
# Seen:     the second request follows within milliseconds, where the server meant five seconds. `Retry-After: 0`
#           on the other hand is taken for no header and waits its second. (2026-11-28)
#> date in 2 s:                      after 1 s or more
#> date of a clock that is behind:   at once
#> 0:                                after 1 s or more
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . got@14.6.6

cat >retry.mjs <<'JS'
import { createServer } from 'node:http';
import got from 'got';
async function show(words, retryAfter) {
  const times = [];
  const server = createServer((_, response) => {
    times.push(Date.now());
    if (times.length === 1) response.writeHead(503, { 'retry-after': retryAfter });
    response.end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => { server.once('listening', resolve); });
  await got(`http://127.0.0.1:${server.address().port}`);
  server.close();
  console.log(`${words.padEnd(33)} ${times[1] - times[0] < 500 ? 'at once' : 'after 1 s or more'}`);
}
const inSeconds = (seconds) => new Date(Date.now() + seconds * 1000).toUTCString();
await show('date in 2 s:', inSeconds(2.999));
await show('date of a clock that is behind:', inSeconds(5 - 20));
await show('0:', '0');
process.exit();
JS
timeout 60 node retry.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
