#!/usr/bin/env bash
# HAProxy's cache: the same address answers a range with 206 before the clip is cached, and with the whole clip afterwards.
#
# Packages: haproxy 2.6.12 (Debian 12), nginx 1.22.1 for comparison
# Guess:    a cache that has the whole clip answers ranges of it, as nginx' proxy_cache does; before, it fetches it.
# Seen:     HAProxy passes ranges on and keeps none of them. Once somebody has fetched the whole clip, every range is
#           answered with 200 and all of its bytes: warm, it costs a reader of headers the whole file. (2026-11-29)
#> HAProxy, cold: 206, 100 bytes; the origin was asked for bytes=0-99
#> HAProxy, warm: 200, 300000 bytes; the origin was not asked
#> nginx, cold:   206, 100 bytes; the origin was asked for the whole file
#> nginx, warm:   206, 100 bytes; the origin was not asked
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d) servers=()
trap 'kill "${servers[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
chmod 755 .
if ! command -v nginx >/dev/null || ! command -v haproxy >/dev/null; then
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    nginx-light haproxy >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  export PATH=$PATH:$work/unpacked/usr/sbin LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu
fi
free_port() {
  node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}
origin=$(free_port) nginx_port=$(free_port) haproxy_port=$(free_port)
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
  server { listen 127.0.0.1:$nginx_port; location / { proxy_cache clips; proxy_pass http://127.0.0.1:$origin; } }
}
CONF
cat >haproxy.cfg <<CONF
cache clips
  total-max-size 16
  max-object-size 1000000
  max-age 3600
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend readers
  bind 127.0.0.1:$haproxy_port
  http-request cache-use clips
  http-response cache-store clips
  default_backend origin
backend origin
  server origin 127.0.0.1:$origin
CONF
nginx -e stderr -c "$work/nginx.conf" 2>nginx.log &
servers+=($!)
haproxy -f haproxy.cfg >haproxy.log 2>&1 &
servers+=($!)

cat >ask.mjs <<'JS'
import { createServer, get } from 'node:http';
const [origin, nginx, haproxy] = process.argv.slice(2).map(Number);
const whole = Buffer.alloc(300_000);
let asked = [];
const server = createServer((request, response) => {
  asked.push(request.headers.range ?? 'the whole file');
  const headers = { 'content-type': 'video/mp4', 'accept-ranges': 'bytes', 'cache-control': 'max-age=3600', etag: '"clip"' };
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const part = first ? whole.subarray(Number(first), Number(last) + 1) : whole;
  if (first) headers['content-range'] = `bytes ${first}-${last}/${whole.length}`;
  response.writeHead(first ? 206 : 200, { ...headers, 'content-length': part.length });
  response.end(part);
}).listen(origin, '127.0.0.1');

function ask(port, path, headers) {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: false, headers, timeout: 10_000 }, async (response) => {
      let bytes = 0;
      for await (const chunk of response) bytes += chunk.length;
      resolve(`${response.statusCode}, ${bytes} bytes`);
    }).on('error', reject);
  });
}
for (const [name, port] of [['HAProxy', haproxy], ['nginx', nginx]]) {
  for (let tries = 0; ; tries += 1) {
    try { await ask(port, '/up.mp4'); break; } catch (error) { if (tries === 100) throw error; }
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  for (const state of ['cold', 'warm']) {
    if (state === 'warm') await ask(port, '/clip.mp4');
    asked = [];
    const answer = await ask(port, '/clip.mp4', { range: 'bytes=0-99' });
    const origins = asked.length === 0 ? 'not asked' : `asked for ${asked.join(', ')}`;
    console.log(`${`${name}, ${state}:`.padEnd(14)} ${answer}; the origin was ${origins}`);
  }
}
process.exit();
JS
timeout 60 node ask.mjs "$origin" "$nginx_port" "$haproxy_port" | tee seen || cat ./*.log
sed -n 's/^#> //p' "$here" | diff - seen
