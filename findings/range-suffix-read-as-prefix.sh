#!/usr/bin/env bash
# `Range: bytes=-100` asks for the last 100 bytes: sirv sends the first 101, http-server refuses.
#
# Packages: sirv@3.0.2, http-server@14.1.1, send@1.2.1 (which does it right)
# Guess:    a server that answers 206 to `bytes=0-99` also knows the suffix form, with which the end of a file is
#           read when its size is unknown: the `moov` box of a video, the footer of a Parquet file, a ZIP's directory.
# Seen:     sirv reads the empty start as 0 and the 100 as the last byte: a 206 with the wrong end of the file,
#           which only Content-Range gives away. http-server answers 416. (2026-11-28)
#> sirv:        206 bytes 0-100/2000, 101 bytes
#> http-server: 416 -, 0 bytes
#> send:        206 bytes 1900-1999/2000, 100 bytes
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . sirv@3.0.2 http-server@14.1.1 send@1.2.1
mkdir files
head -c 2000 /dev/zero >files/clip.mp4

cat >ask.mjs <<'JS'
import { createServer, get } from 'node:http';
import httpServer from 'http-server';
import send from 'send';
import sirv from 'sirv';

const handlers = {
  sirv: sirv('files'),
  'http-server': httpServer.createServer({ root: 'files' }).server.listeners('request')[0],
  send: (request, response) => send(request, request.url, { root: 'files' }).pipe(response),
};
for (const [name, handler] of Object.entries(handlers)) {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await new Promise((resolve) => { server.once('listening', resolve); });
  const options = { port: server.address().port, host: '127.0.0.1', path: '/clip.mp4', agent: false };
  const response = await new Promise((resolve, reject) => {
    get({ ...options, headers: { range: 'bytes=-100' } }, resolve).on('error', reject);
  });
  let size = 0;
  for await (const chunk of response) size += chunk.length;
  console.log(`${`${name}:`.padEnd(12)} ${response.statusCode} ${response.headers['content-range'] ?? '-'}, ${size} bytes`);
  server.close();
}
JS
timeout 60 node ask.mjs 2>errors | tee seen || cat errors
sed -n 's/^#> //p' "$here" | diff - seen
