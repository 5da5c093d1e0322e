#!/usr/bin/env bash
# undici's RetryAgent: a download that breaks off is resumed into whatever the server has by then, and arrives as a 200.
#
# Packages: undici@7.30.2
# Guess:    it resumes only where a strong tag proves that the file is the same, as RFC 9110 asks, and fails or begins
#           again otherwise.
# Seen:     with a strong tag a changed file is an error. With a weak tag, with Last-Modified or with neither it asks for the
#           rest by range, without a condition, and puts the rest of the new file behind the begin of the old. `fetch` with
#           that agent does the same. (2026-11-29)
#> strong tag:    request: error "ETag mismatch"; fetch: error "terminated"
#> weak tag:      request: 200, 400 bytes old, 600 new; fetch: 200, 400 bytes old, 600 new
#> last-modified: request: 200, 400 bytes old, 600 new; fetch: 200, 400 bytes old, 600 new
#> neither:       request: 200, 400 bytes old, 600 new; fetch: 200, 400 bytes old, 600 new
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . undici@7.30.2

cat >download.mjs <<'JS'
import { createServer } from 'node:http';
import { Agent, fetch, RetryAgent, request } from 'undici';
const validators = {
  'strong tag': (version) => ({ etag: `"${version}"` }),
  'weak tag': (version) => ({ etag: `W/"${version}"` }),
  'last-modified': (version) => ({ 'last-modified': `Mon, 0${version === 'o' ? 2 : 9} Nov 2026 00:00:00 GMT` }),
  neither: () => ({}),
};
const size = 1000;
let requests = 0;
// Of the old file 400 bytes come, then the connection breaks, and from then on there is a new one.
const server = createServer((asked, response) => {
  requests += 1;
  const version = requests === 1 ? 'o' : 'n';
  const file = Buffer.alloc(size, version);
  const headers = { 'accept-ranges': 'bytes', ...validators[decodeURI(asked.url.slice(1))](version) };
  if (requests === 1) {
    response.writeHead(200, { ...headers, 'content-length': size });
    response.write(file.subarray(0, 400), () => setTimeout(() => response.destroy(), 200));
    return;
  }
  const [, first] = /^bytes=(\d+)-/.exec(asked.headers.range);
  const range = { 'content-range': `bytes ${first}-${size - 1}/${size}`, 'content-length': size - first };
  response.writeHead(206, { ...headers, ...range });
  response.end(file.subarray(first));
}).listen(0, '127.0.0.1');
await new Promise((resolve) => { server.once('listening', resolve); });

const dispatcher = () => new RetryAgent(new Agent(), { minTimeout: 10 });
const ways = {
  request: async (url) => {
    const { statusCode, body } = await request(url, { dispatcher: dispatcher() });
    return [statusCode, await body.text()];
  },
  fetch: async (url) => {
    const response = await fetch(url, { dispatcher: dispatcher() });
    return [response.status, await response.text()];
  },
};
for (const validator of Object.keys(validators)) {
  const outcomes = [];
  for (const [way, download] of Object.entries(ways)) {
    requests = 0;
    const outcome = await download(`http://127.0.0.1:${server.address().port}/${validator}`).then(
      ([status, text]) => `${status}, ${text.split('o').length - 1} bytes old, ${text.split('n').length - 1} new`,
      ({ message }) => `error "${message}"`,
    );
    outcomes.push(`${way}: ${outcome}`);
  }
  console.log(`${`${validator}:`.padEnd(14)} ${outcomes.join('; ')}`);
}
process.exit();
JS
timeout 60 node download.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
