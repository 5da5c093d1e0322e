#!/usr/bin/env bash
# HEAD with a range, and two ranges at once: nine servers give four answers, and `curl -I -r 0-99` tells a wrong size.
#
# Packages: http-server@14.1.1, serve-handler@6.1.8 (what `serve` runs on), sirv@3.0.2, hono@4.13.19 with
#           @hono/node-server@2.1.9, send@1.2.1 (express), @hapi/inert@7.1.2 with @hapi/hapi@21.4.10, ecstatic@4.1.4,
#           fastify@5.12.8 with @fastify/static@10.1.11, koa@3.3.0 with koa-static@5.0.0
# Guess:    a range means something for GET only (RFC 9110), so HEAD has the status and length of the whole file. Two
#           ranges are answered as multipart/byteranges, or with the whole file and 200.
# Seen:     seven of nine answer HEAD with 206 and the length of the part. Two ranges: four send the first and leave
#           the second out, hono sends the whole file as 206, three send it as 200. koa-static knows no ranges.
#           (2026-11-28)
#> http-server:   HEAD 206 bytes 0-99/2000, length 100, two ranges 206 bytes 0-9/2000, length 10
#> ecstatic:      HEAD 206 bytes 0-99/2000, length 100, two ranges 206 bytes 0-9/2000, length 10
#> serve-handler: HEAD 206 bytes 0-99/2000, length 100, two ranges 206 bytes 0-9/2000, length 10
#> sirv:          HEAD 206 bytes 0-99/2000, length 100, two ranges 206 bytes 0-9/2000, length 10
#> send:          HEAD 206 bytes 0-99/2000, length 100, two ranges 200 -, length 2000
#> fastify:       HEAD 206 bytes 0-99/2000, length 100, two ranges 200 -, length 2000
#> hapi:          HEAD 206 bytes 0-99/2000, length 100, two ranges 200 -, length 2000
#> hono:          HEAD 200 -, length 2000             , two ranges 206 bytes 0-1999/2000, length 2000
#> koa-static:    HEAD 200 -, length 2000             , two ranges 200 -, length 2000
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . http-server@14.1.1 serve-handler@6.1.8 sirv@3.0.2 \
  hono@4.13.19 @hono/node-server@2.1.9 send@1.2.1 @hapi/hapi@21.4.10 @hapi/inert@7.1.2 ecstatic@4.1.4 \
  fastify@5.12.8 @fastify/static@10.1.11 koa@3.3.0 koa-static@5.0.0
mkdir files
head -c 2000 /dev/zero >files/clip.mp4

cat >ask.mjs <<'JS'
import { createServer, request } from 'node:http';
import fastifyStatic from '@fastify/static';
import hapi from '@hapi/hapi';
import inert from '@hapi/inert';
import { getRequestListener } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import ecstatic from 'ecstatic';
import { fastify } from 'fastify';
import { Hono } from 'hono';
import httpServer from 'http-server';
import Koa from 'koa';
import koaStatic from 'koa-static';
import send from 'send';
import serveHandler from 'serve-handler';
import sirv from 'sirv';

const root = `${process.cwd()}/files`;
const hapiServer = hapi.server();
await hapiServer.register(inert);
hapiServer.route({ method: 'GET', path: '/{path*}', handler: { directory: { path: root } } });
await hapiServer.initialize();
const fastifyServer = fastify();
await fastifyServer.register(fastifyStatic, { root });
await fastifyServer.ready();

const handlers = {
  'http-server': httpServer.createServer({ root: 'files' }).server.listeners('request')[0],
  ecstatic: ecstatic({ root }),
  'serve-handler': (incoming, response) => serveHandler(incoming, response, { public: 'files' }),
  sirv: sirv('files'),
  send: (incoming, response) => send(incoming, incoming.url, { root }).pipe(response),
  fastify: (incoming, response) => fastifyServer.routing(incoming, response),
  hapi: hapiServer.listener.listeners('request')[0],
  hono: getRequestListener(new Hono().use(serveStatic({ root: 'files' })).fetch),
  'koa-static': new Koa().use(koaStatic(root)).callback(),
};
for (const [name, handler] of Object.entries(handlers)) {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await new Promise((resolve) => { server.once('listening', resolve); });
  async function ask(method, range) {
    const options = { host: '127.0.0.1', port: server.address().port, path: '/clip.mp4', method, headers: { range }, agent: false };
    const response = await new Promise((resolve, reject) => { request(options, resolve).on('error', reject).end(); });
    for await (const _ of response);
    const { 'content-type': type, 'content-length': length, 'content-range': part = '-' } = response.headers;
    return `${response.statusCode} ${type?.startsWith('multipart') ? 'multipart' : part}, length ${length}`;
  }
  const head = await ask('HEAD', 'bytes=0-99');
  console.log(`${`${name}:`.padEnd(14)} HEAD ${head.padEnd(31)}, two ranges ${await ask('GET', 'bytes=0-9,20-29')}`);
  server.close();
}
process.exit();
JS
timeout 60 node ask.mjs 2>errors | tee seen || cat errors
sed -n 's/^#> //p' "$here" | diff - seen
