#!/usr/bin/env bash
# nginx with `slice`: when a clip is replaced under its name, ranges come from two versions, and the whole file from none.
#
# Packages: nginx 1.22.1 (Debian 12), `slice 64k` with `proxy_cache` as its manual shows it
# Guess:    until the cache forgets it, the old clip; or nginx notices the new tag at the origin and fetches all slices anew.
# Seen:     a slice that is cached comes from the old clip, one that is not from the new, each with a 206 that says
#           nothing. A request for the whole file is cut where the versions meet (the log says `etag mismatch in slice
#           response`), and so is each one after it, as long as the old slices are valid. Without a tag at the origin
#           the whole file is a mixture too. A reader of parts can only tell by the tag, which does differ. (2026-11-29)
#> with a tag: 0-99 of version 1, 250000-250099 of version 2
#> with a tag: whole file cut, again cut
#> no tag:     0-99 of version 1, 250000-250099 of version 2
#> no tag:     whole file of versions 1 and 2, again of versions 1 and 2
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d) server=
trap '[[ -z $server ]] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
chmod 755 .
if ! command -v nginx >/dev/null; then
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    nginx-light >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  export PATH=$PATH:$work/unpacked/usr/sbin LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu
fi
free_port() {
  node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}
origin=$(free_port) port=$(free_port)
mkdir -m 777 cache
cat >nginx.conf <<CONF
pid $work/nginx.pid;
daemon off;
master_process off;
events {}
http {
  access_log off;
  client_body_temp_path $work/body;
  proxy_temp_path $work/proxy;
  fastcgi_temp_path $work/fastcgi;
  uwsgi_temp_path $work/uwsgi;
  scgi_temp_path $work/scgi;
  proxy_cache_path $work/cache keys_zone=clips:1m;
  server {
    listen 127.0.0.1:$port;
    location / {
      slice 64k;
      proxy_cache clips;
      proxy_cache_key \$uri\$is_args\$args\$slice_range;
      proxy_set_header Range \$slice_range;
      proxy_http_version 1.1;
      proxy_cache_valid 200 206 1h;
      proxy_pass http://127.0.0.1:$origin;
    }
  }
}
CONF
nginx -e stderr -c "$work/nginx.conf" 2>nginx.log &
server=$!

cat >ask.mjs <<'JS'
import { createServer, get } from 'node:http';
const [origin, port] = process.argv.slice(2).map(Number);
const size = 300_000;
let version = '1';
// A clip of which every byte is its version.
const server = createServer((request, response) => {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range);
  const end = Math.min(Number(last), size - 1) + 1;
  const part = Buffer.alloc(end - Number(first), version);
  const tag = request.url === '/tag.mp4' ? { etag: `"${version}"` } : {};
  const range = { 'content-range': `bytes ${first}-${end - 1}/${size}`, 'content-length': part.length };
  response.writeHead(206, { 'content-type': 'video/mp4', ...tag, ...range });
  response.end(part);
}).listen(origin, '127.0.0.1');

function ask(path, range) {
  return new Promise((resolve, reject) => {
    const headers = range ? { range: `bytes=${range}` } : {};
    get({ host: '127.0.0.1', port, path, agent: false, headers, timeout: 10_000 }, async (response) => {
      const versions = new Set();
      try {
        for await (const chunk of response) for (const byte of chunk) versions.add(String.fromCharCode(byte));
      } catch { resolve('cut'); return; }
      resolve(`of version${versions.size > 1 ? 's' : ''} ${[...versions].join(' and ')}`);
    }).on('error', reject);
  });
}
for (let tries = 0; ; tries += 1) {
  try { await ask('/up.mp4'); break; } catch (error) { if (tries === 100) throw error; }
  await new Promise((resolve) => { setTimeout(resolve, 100); });
}
for (const [words, path] of [['with a tag:', '/tag.mp4'], ['no tag:', '/none.mp4']]) {
  version = '1';
  const head = await ask(path, '0-99');
  version = '2';
  const end = await ask(path, '250000-250099');
  console.log(`${words.padEnd(11)} 0-99 ${await ask(path, '0-99') === head && head}, 250000-250099 ${end}`);
  console.log(`${words.padEnd(11)} whole file ${await ask(path)}, again ${await ask(path)}`);
}
process.exit();
JS
timeout 60 node ask.mjs "$origin" "$port" | tee seen || cat nginx.log
sed -n 's/^#> //p' "$here" | diff - seen
