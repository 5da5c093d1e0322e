#!/usr/bin/env bash
# `If-Range` with the tag of an older version: half of the servers send the part of the new file as if nothing had changed.
#
# Packages: http-server@14.1.1, serve-handler@6.1.8 (what `serve` runs on), sirv@3.0.2, hono@4.13.19 with
#           @hono/node-server@2.1.9, send@1.2.1, @hapi/inert@7.1.2 with @hapi/hapi@21.4.10
# Guess:    whoever answers ranges also knows If-Range, which stands in the same RFC for resuming a download: another
#           tag means 200 and the whole new file.
# Seen:     http-server, serve-handler, sirv and hono's serveStatic answer 206, so that a reader who fetches a file in
#           parts puts two versions together. Debian's h2o 2.2.5 does so too; nginx, Apache, lighttpd, Caddy do
#           not. (2026-11-28)
#> http-server:   206 bytes 0-99/2000
#> serve-handler: 206 bytes 0-99/2000
#> sirv:          206 bytes 0-99/2000
#> hono:          206 bytes 0-99/2000
#> send:          200 -
#> hapi:          200 -
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . http-server@14.1.1 serve-handler@6.1.8 sirv@3.0.2 \
  hono@4.13.19 @hono/node-server@2.1.9 send@1.2.1 @hapi/hapi@21.4.10 @hapi/inert@7.1.2
mkdir files
head -c 2000 /dev/zero >files/clip.mp4

cat >ask.mjs <<'JS'
import { createServer, get } from 'node:http';
import hapi from '@hapi/hapi';
import inert from '@hapi/inert';
import { getRequestListener } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import httpServer from 'http-server';
import send from 'send';
import serveHandler from 'serve-handler';
import sirv from 'sirv';

const hapiServer = hapi.server();
await hapiServer.register(inert);
hapiServer.route({ method: 'GET', path: '/{path*}', handler: { directory: { path: `${process.cwd()}/files` } } });
await hapiServer.initialize();

const handlers = {
  'http-server': httpServer.createServer({ root: 'files' }).server.listeners('request')[0],
  'serve-handler': (request, response) => serveHandler(request, response, { public: 'files', etag: true }),
  sirv: sirv('files', { etag: true }),
  hono: getRequestListener(new Hono().use(serveStatic({ root: 'files' })).fetch),
  send: (request, response) => send(request, request.url, { root: 'files' }).pipe(response),
  hapi: hapiServer.listener.listeners('request')[0],
};
for (const [name, handler] of Object.entries(handlers)) {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await new Promise((resolve) => { server.once('listening', resolve); });
  const options = { port: server.address().port, host: '127.0.0.1', path: '/clip.mp4', agent: false };
  const headers = { range: 'bytes=0-99', 'if-range': '"the version before"' };
  const response = await new Promise((resolve, reject) => { get({ ...options, headers }, resolve).on('error', reject); });
  for await (const _ of response);
  console.log(`${`${name}:`.padEnd(14)} ${response.statusCode} ${response.headers['content-range'] ?? '-'}`);
  server.close();
}
process.exit();
JS
timeout 60 node ask.mjs 2>errors | tee seen || cat errors
sed -n 's/^#> //p' "$here" | diff - seen
