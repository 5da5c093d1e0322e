#!/usr/bin/env bash
# lighttpd in front of an event stream: nothing arrives until the stream has ended, whatever its headers ask for.
#
# Packages: lighttpd 1.4.69, nginx 1.22.1 (Debian 12), each as a reverse proxy with nothing set but the address
# Guess:    nginx holds events until its buffer of 4 or 8 KB is full; others pass on what they get.
# Seen:     nginx holds even the headers until the stream ends, however long that takes, and passes everything on at
#           once with `X-Accel-Buffering: no`. lighttpd does not know that header: an endless stream never arrives,
#           and is kept in memory and in temporary files. `server.stream-response-body = 2` lets it through. Apache,
#           Caddy, HAProxy and h2o of Debian 12 pass on each event. (2026-11-29)
#> nginx:                               all events at the end
#> nginx, X-Accel-Buffering: no:        each event as it comes
#> lighttpd:                            all events at the end
#> lighttpd, X-Accel-Buffering: no:     all events at the end
#> lighttpd, stream-response-body 2:    each event as it comes
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d) servers=()
trap 'kill "${servers[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
chmod 755 .
if ! command -v nginx >/dev/null || ! command -v lighttpd >/dev/null; then
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    nginx-light lighttpd >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  export PATH=$PATH:$work/unpacked/usr/sbin LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu
fi
modules=$(dirname "$(find /usr/lib/lighttpd unpacked -name mod_proxy.so 2>/dev/null | head -n 1)")
free_port() {
  node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}
origin=$(free_port) nginx_port=$(free_port) lighttpd_port=$(free_port) streaming_port=$(free_port)

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
  server { listen 127.0.0.1:$nginx_port; location / { proxy_pass http://127.0.0.1:$origin; } }
}
CONF
lighttpd_conf() { # port, more
  cat <<CONF
server.document-root = "$work"
server.bind = "127.0.0.1"
server.port = $1
server.modules = ( "mod_proxy" )
server.errorlog = "$work/lighttpd.log"
proxy.server = ( "" => (( "host" => "127.0.0.1", "port" => $origin )) )
$2
CONF
}
lighttpd_conf "$lighttpd_port" '' >lighttpd.conf
lighttpd_conf "$streaming_port" 'server.stream-response-body = 2' >streaming.conf
nginx -e stderr -c "$work/nginx.conf" 2>nginx.log &
servers+=($!)
lighttpd -D -m "$modules" -f lighttpd.conf >lighttpd.out 2>&1 &
servers+=($!)
lighttpd -D -m "$modules" -f streaming.conf >streaming.out 2>&1 &
servers+=($!)

cat >ask.mjs <<'JS'
import { createServer, get } from 'node:http';
const [origin, nginx, lighttpd, streaming] = process.argv.slice(2).map(Number);
let hasEnded = false;
// The second event is sent when the first has arrived, or after two seconds.
let arrived = () => {};
const server = createServer(async (request, response) => {
  hasEnded = false;
  const first = new Promise((resolve) => { arrived = resolve; });
  const accel = request.url === '/accel' ? { 'x-accel-buffering': 'no' } : {};
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...accel });
  response.write('data: first\n\n');
  await Promise.race([first, new Promise((resolve) => { setTimeout(resolve, 2_000); })]);
  hasEnded = true;
  response.end('data: last\n\n');
}).listen(origin, '127.0.0.1');

function ask(port, path) {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, agent: false, timeout: 20_000 };
    get(options, async (response) => {
      let words;
      for await (const chunk of response) {
        words ??= hasEnded ? 'all events at the end' : 'each event as it comes';
        arrived();
      }
      resolve(words);
    }).on('error', reject);
  });
}
async function show(title, port, path) {
  for (let tries = 0; ; tries += 1) {
    try { console.log(`${title.padEnd(36)} ${await ask(port, path)}`); return; } catch (error) { if (tries === 100) throw error; }
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
}
await show('nginx:', nginx, '/');
await show('nginx, X-Accel-Buffering: no:', nginx, '/accel');
await show('lighttpd:', lighttpd, '/');
await show('lighttpd, X-Accel-Buffering: no:', lighttpd, '/accel');
await show('lighttpd, stream-response-body 2:', streaming, '/');
process.exit();
JS
timeout 60 node ask.mjs "$origin" "$nginx_port" "$lighttpd_port" "$streaming_port" | tee seen || cat ./*.log ./*.out
sed -n 's/^#> //p' "$here" | diff - seen
