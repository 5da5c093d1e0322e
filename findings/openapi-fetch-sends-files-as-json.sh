#!/usr/bin/env bash
# openapi-fetch 0.17 sends a file as JSON: of a Blob or a stream two bytes arrive, `{}`, and the request succeeds.
#
# Packages: openapi-fetch@0.17.0
# Guess:    it is `fetch` with types, so a body that fetch can send is sent as it is, at least where the description says
#           `application/octet-stream`.
# Seen:     every body but FormData goes through JSON.stringify. A Blob, a stream and an ArrayBuffer become `{}`, a buffer a
#           list of numbers, a text a quoted one. Nothing warns; the header `Content-Type` that is given is kept.
#           `bodySerializer: (body) => body` sends them as they are. (2026-11-29)
#> fetch: Blob "a,b", ArrayBuffer "a,b", stream "a,b", text "a,b"
#> openapi-fetch: Blob "{}", ArrayBuffer "{}", stream "{}", text "\"a,b\""
#> openapi-fetch with a bodySerializer: Blob "a,b", ArrayBuffer "a,b", stream "a,b", text "a,b"
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . openapi-fetch@0.17.0

cat >send.mjs <<'JS'
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import createClient from 'openapi-fetch';

const server = createServer(async (request, response) => {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ arrived: await text(request) }));
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const baseUrl = `http://127.0.0.1:${server.address().port}`;
const client = createClient({ baseUrl });

const BODIES = {
  Blob: () => new Blob(['a,b']),
  ArrayBuffer: () => new TextEncoder().encode('a,b').buffer,
  stream: () => new Blob(['a,b']).stream(),
  text: () => 'a,b',
};
const options = (body) => ({
  method: 'POST', body, duplex: 'half', headers: { 'Content-Type': 'application/octet-stream' },
});
const WAYS = {
  fetch: async (body) => (await fetch(`${baseUrl}/files`, options(body))).json(),
  'openapi-fetch': async (body) => (await client.POST('/files', options(body))).data,
  'openapi-fetch with a bodySerializer': async (body) =>
    (await client.POST('/files', { ...options(body), bodySerializer: (given) => given })).data,
};
for (const [name, send] of Object.entries(WAYS)) {
  const seen = [];
  for (const [kind, make] of Object.entries(BODIES)) {
    seen.push(`${kind} ${JSON.stringify((await send(make())).arrived)}`);
  }
  console.log(`${name}: ${seen.join(', ')}`);
}
server.close();
JS
node send.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
