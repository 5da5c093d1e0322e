#!/usr/bin/env bash
# @microsoft/fetch-event-source is the reverse of EventSource: the end of a stream is the end, a 503 is tried again.
#
# Packages: @microsoft/fetch-event-source@2.0.1, eventsource@5.1.5; Node 20
# Guess:    a client for server-sent events connects again when the server ends the stream (a restart, a proxy's time
#           limit), after the `retry` that the server sent, and gives up at an answer of 503, as the specification has
#           it.
# Seen:     when the stream ends, its promise resolves, and nothing comes any more, without an error. At a 503 it
#           tries again each second, where EventSource gives up. To stay connected, throw in `onclose`. (2026-11-28)
#> stream ends after one event: eventsource several requests; fetch-event-source 1 request, resolved
#> answer of 503:               eventsource 1 request; fetch-event-source several requests, pending
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . @microsoft/fetch-event-source@2.0.1 eventsource@5.1.5

cat >ask.mjs <<'JS'
import { createServer } from 'node:http';
import { fetchEventSource } from '@microsoft/fetch-event-source';
import { EventSource } from 'eventsource';
// What it needs of a browser.
globalThis.window = { fetch, setTimeout, clearTimeout };
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };

const answers = {
  'stream ends after one event:': (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end('retry: 200\ndata: 1\n\n'),
  'answer of 503:': (response) => response.writeHead(503).end(),
};
const clients = {
  eventsource: (url) => {
    const source = new EventSource(url);
    source.onerror = () => {};
    return { words: () => '', close: () => source.close() };
  },
  'fetch-event-source': (url) => {
    let words = ', pending';
    const stop = new AbortController();
    fetchEventSource(url, { signal: stop.signal, openWhenHidden: true })
      .then(() => { words = ', resolved'; }, () => { words = ', rejected'; });
    return { words: () => words, close: () => stop.abort() };
  },
};
for (const [words, answer] of Object.entries(answers)) {
  const seen = [];
  for (const [name, connect] of Object.entries(clients)) {
    let requests = 0;
    const server = createServer((_, response) => { requests += 1; answer(response); }).listen(0, '127.0.0.1');
    await new Promise((resolve) => { server.once('listening', resolve); });
    const client = connect(`http://127.0.0.1:${server.address().port}/`);
    await new Promise((resolve) => { setTimeout(resolve, 4000); });
    seen.push(`${name} ${requests === 1 ? '1 request' : 'several requests'}${client.words()}`);
    client.close();
    server.closeAllConnections();
    server.close();
  }
  console.log(`${words.padEnd(28)} ${seen.join('; ')}`);
}
process.exit();
JS
timeout 60 node ask.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
