#!/usr/bin/env bash
# CONNECT to a host that cannot be reached or resolved: privoxy says 404 and 503, tinyproxy 500.
#
# Packages: tinyproxy 1.11.1, privoxy 3.0.34 (Debian 12)
# Guess:    502 or 504, which RFC 9110 has for a gateway that gets no answer behind it; 4xx when the proxy refuses.
# Seen:     privoxy answers 404 "No such domain" where a name cannot be resolved, be it for a moment, and 503 where
#           nothing listens. tinyproxy answers 500 to both. A client that takes 4xx of a proxy for a refusal, or 500 for
#           a proxy that is broken, gives up for good what passes by itself. (2026-11-29)
#> privoxy,   nothing listens: HTTP/1.1 503 Connect failed
#> privoxy,   unknown name:    HTTP/1.1 404 No such domain
#> tinyproxy, nothing listens: HTTP/1.1 500 Unable to connect
#> tinyproxy, unknown name:    HTTP/1.1 500 Unable to connect
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d) servers=()
trap 'kill "${servers[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
chmod 755 .
if ! command -v tinyproxy >/dev/null || ! command -v privoxy >/dev/null; then
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    tinyproxy-bin privoxy >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  libraries=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu
  export PATH=$PATH:$work/unpacked/usr/bin:$work/unpacked/usr/sbin LD_LIBRARY_PATH=$libraries
fi
free_port() {
  node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}
tinyproxy_port=$(free_port) privoxy_port=$(free_port) closed_port=$(free_port)
templates=$(dirname "$(find /etc/privoxy unpacked -name no-such-domain 2>/dev/null | head -n 1)")
printf '%s\n' "Port $tinyproxy_port" 'Listen 127.0.0.1' 'MaxClients 20' 'LogLevel Critical' >tinyproxy.conf
printf '%s\n' "listen-address 127.0.0.1:$privoxy_port" "templdir $(realpath "$templates")" "logdir $work" >privoxy.conf
tinyproxy -d -c tinyproxy.conf >tinyproxy.log 2>&1 &
servers+=($!)
privoxy --no-daemon privoxy.conf >privoxy.log 2>&1 &
servers+=($!)

cat >ask.mjs <<'JS'
import { connect } from 'node:net';
const [privoxy, tinyproxy, closed] = process.argv.slice(2).map(Number);
function ask(port, target) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`));
    socket.setTimeout(20_000, () => socket.destroy(new Error('no answer')));
    socket.on('error', reject).once('data', (data) => {
      socket.destroy();
      resolve(String(data).split('\r\n', 1)[0]);
    });
  });
}
for (const [name, port] of [['privoxy,', privoxy], ['tinyproxy,', tinyproxy]]) {
  for (const [words, target] of [['nothing listens:', `127.0.0.1:${closed}`], ['unknown name:', 'api.invalid:443']]) {
    for (let tries = 0; ; tries += 1) {
      try {
        console.log(`${name.padEnd(10)} ${words.padEnd(16)} ${await ask(port, target)}`);
        break;
      } catch (error) { if (tries === 100) throw error; }
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
  }
}
process.exit();
JS
timeout 90 node ask.mjs "$privoxy_port" "$tinyproxy_port" "$closed_port" | tee seen || cat ./*.log
sed -n 's/^#> //p' "$here" | diff - seen
