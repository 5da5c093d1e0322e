#!/usr/bin/env bash
# Server-sent events: an `id:` without data moves the place to resume from in some clients, and not in others.
#
# Packages: eventsource@3.0.7, eventsource@4.1.1, eventsource@5.1.5, undici@6.22.0
# Guess:    all follow the specification, which sets the last event id before it drops an event without data: a
#           heartbeat of `id: 9` makes the next connection say `Last-Event-ID: 9`.
# Seen:     eventsource 3 and 4, with most installations, say 7, the id of the last event with data, and get everything
#           since then again. 5 and undici say 9. (2026-11-28)
#> eventsource 3: resumes after 7
#> eventsource 4: resumes after 7
#> eventsource 5: resumes after 9
#> undici 6:      resumes after 9
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . \
  eventsource-3@npm:eventsource@3.0.7 eventsource-4@npm:eventsource@4.1.1 eventsource-5@npm:eventsource@5.1.5 undici@6.22.0

cat >resume.mjs <<'JS'
import { createServer } from 'node:http';
const clients = {
  'eventsource 3:': 'eventsource-3',
  'eventsource 4:': 'eventsource-4',
  'eventsource 5:': 'eventsource-5',
  'undici 6:': 'undici',
};
for (const [words, name] of Object.entries(clients)) {
  const { EventSource } = await import(name);
  let source;
  const resumedAfter = await new Promise((resolve) => {
    let connections = 0;
    const server = createServer((request, response) => {
      connections += 1;
      if (connections === 2) resolve(request.headers['last-event-id']);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('retry: 100\nid: 7\ndata: row\n\nid: 9\n\n');
      setTimeout(() => response.end(), 300);
    }).listen(0, '127.0.0.1', () => {
      source = new EventSource(`http://127.0.0.1:${server.address().port}/`);
      source.onerror = () => {};
    });
  });
  source.close();
  console.log(`${words.padEnd(14)} resumes after ${resumedAfter}`);
}
process.exit();
JS
timeout 60 node resume.mjs 2>warnings | tee seen || cat warnings
sed -n 's/^#> //p' "$here" | diff - seen
