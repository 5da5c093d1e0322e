#!/usr/bin/env bash
# https-proxy-agent: a proxy's refusal to open a tunnel arrives as if the host behind it had answered.
#
# Packages: https-proxy-agent@9.1.0, hpagent@1.2.0, got@14.6.6
# Guess:    when the proxy answers `CONNECT` with 403 or 407, nothing was sent to the host, and the request fails with an error.
# Seen:     https-proxy-agent gives the client the proxy's own answer: status 403 and its page, as from the API, which was
#           never reached. A call that could be tried again is taken for one that the API refused. hpagent
#           raises an error. (2026-11-28)
#> https-proxy-agent: answer 403, body "refused by the proxy"
#> hpagent:           error "Bad response: 403"
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . https-proxy-agent@9.1.0 hpagent@1.2.0 got@14.6.6

cat >call.mjs <<'JS'
import { createServer } from 'node:net';
import got from 'got';
import { HttpsProxyAgent as OfHpagent } from 'hpagent';
import { HttpsProxyAgent } from 'https-proxy-agent';
const proxy = createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', () => socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 20\r\n\r\nrefused by the proxy'));
}).listen(0, '127.0.0.1');
await new Promise((resolve) => { proxy.once('listening', resolve); });
const address = `http://127.0.0.1:${proxy.address().port}`;

async function call(words, agent) {
  const options = { agent: { https: agent }, retry: { limit: 0 }, throwHttpErrors: false, timeout: { request: 10_000 } };
  const outcome = await got.post('https://api.example.com/sessions', { ...options, body: '{}' }).then(
    ({ statusCode, body }) => `answer ${statusCode}, body "${body}"`,
    ({ message }) => `error "${message}"`,
  );
  console.log(`${words.padEnd(18)} ${outcome}`);
}
await call('https-proxy-agent:', new HttpsProxyAgent(address));
await call('hpagent:', new OfHpagent({ proxy: address }));
process.exit();
JS
timeout 60 node call.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
