#!/usr/bin/env bash
# got sends a POST that is answered 301 or 302 once more as a POST, body and all; fetch makes it a GET.
#
# Packages: got@14.6.6; Node 20's fetch
# Guess:    as in browsers, in fetch and in curl, 301 and 302 turn a POST into a GET without a body; only 307 and 308 keep it.
# Seen:     got repeats the POST and its body at the new address for 301 and 302 too. A proxy that sends people to its
#           log-in page with 302 gets the order a second time. (2026-11-28)
#> got,   301: POST /old order, POST /new order
#> fetch, 301: POST /old order, GET /new
#> got,   302: POST /old order, POST /new order
#> fetch, 302: POST /old order, GET /new
#> got,   303: POST /old order, GET /new
#> fetch, 303: POST /old order, GET /new
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . got@14.6.6

cat >post.mjs <<'JS'
import { createServer } from 'node:http';
import got from 'got';
let seen = [];
const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  seen.push(`${request.method} /${request.url.split('/')[1]} ${body}`.trim());
  const [, place, status] = request.url.split('/');
  if (place === 'old') response.writeHead(Number(status), { location: '/new' });
  response.end();
}).listen(0, '127.0.0.1');
await new Promise((resolve) => { server.once('listening', resolve); });
const origin = `http://127.0.0.1:${server.address().port}`;
for (const status of [301, 302, 303]) {
  await got.post(`${origin}/old/${status}`, { body: 'order', retry: { limit: 0 } });
  console.log(`got,   ${status}: ${seen.join(', ')}`);
  seen = [];
  await fetch(`${origin}/old/${status}`, { method: 'POST', body: 'order' });
  console.log(`fetch, ${status}: ${seen.join(', ')}`);
  seen = [];
}
process.exit();
JS
timeout 60 node post.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
