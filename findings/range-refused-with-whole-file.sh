#!/usr/bin/env bash
# A range behind the end of a file: `serve` answers 416 and sends the whole file with it; Apache and lighttpd hide the size.
#
# Packages: serve-handler@6.1.8 (what `serve` runs on), http-server@14.1.1, send@1.2.1
# Guess:    416 has a short body and `Content-Range: bytes */SIZE`, from which a reader learns how long the file is.
# Seen:     serve-handler sends all 2,000 bytes as video/mp4 behind the 416, so an error costs as much as the file.
#           http-server sends no Content-Range; nor do Debian's Apache 2.4.71 and lighttpd 1.4.69. (2026-11-28)
#> serve-handler: 416, content-range bytes */2000, video/mp4, 2000 bytes
#> http-server:   416, content-range -, -, 0 bytes
#> send:          416, content-range bytes */2000, text/html; charset=UTF-8, 148 bytes
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . serve-handler@6.1.8 http-server@14.1.1 send@1.2.1
mkdir files
head -c 2000 /dev/zero >files/clip.mp4

cat >ask.mjs <<'JS'
import { createServer, get } from 'node:http';
import httpServer from 'http-server';
import send from 'send';
import serveHandler from 'serve-handler';

const handlers = {
  'serve-handler': (request, response) => serveHandler(request, response, { public: 'files' }),
  'http-server': httpServer.createServer({ root: 'files' }).server.listeners('request')[0],
  send: (request, response) => send(request, request.url, { root: 'files' }).pipe(response),
};
for (const [name, handler] of Object.entries(handlers)) {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await new Promise((resolve) => { server.once('listening', resolve); });
  const options = { port: server.address().port, host: '127.0.0.1', path: '/clip.mp4', agent: false };
  const response = await new Promise((resolve, reject) => {
    get({ ...options, headers: { range: 'bytes=5000-' } }, resolve).on('error', reject);
  });
  let size = 0;
  for await (const chunk of response) size += chunk.length;
  const { 'content-range': range = '-', 'content-type': type = '-' } = response.headers;
  console.log(`${`${name}:`.padEnd(14)} ${response.statusCode}, content-range ${range}, ${type}, ${size} bytes`);
  server.close();
}
JS
timeout 60 node ask.mjs 2>errors | tee seen || cat errors
sed -n 's/^#> //p' "$here" | diff - seen
