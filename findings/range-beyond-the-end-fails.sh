#!/usr/bin/env bash
# A range that ends beyond the file: one server refuses it, another promises bytes that do not exist.
#
# Packages: local-web-server@5.4.0, webfs 1.21 (Debian 12)
# Guess:    `bytes=0-65535` of a file of 2,000 bytes is answered with the 2,000 there are; so RFC 9110 has it, and
#           every client asks like that for the head of a file whose size it does not know.
# Seen:     webfsd answers 400. local-web-server answers 206, says 65,536 bytes in both headers, sends 2,000 and
#           closes the connection. Both serve the same file without a range. (2026-11-28)
#> webfsd:           range 400 -, content-length 8, received 8; plain 200, received 2000
#> local-web-server: range 206 bytes 0-65535/2000, content-length 65536, received 2000; plain 200, received 2000
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d) servers=()
trap 'kill "${servers[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . local-web-server@5.4.0
if ! webfsd=$(command -v webfsd); then
  apt-get download -qq webfs 2>/dev/null && dpkg -x webfs_*.deb unpacked
  webfsd=unpacked/usr/bin/webfsd
fi
mkdir -m 755 files
head -c 2000 /dev/zero >files/clip.mp4
chmod 755 .

cat >ask.mjs <<'JS'
import { connect } from 'node:net';
const port = Number(process.argv[2]);
function ask(...headers) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answer = Buffer.alloc(0);
    socket.on('data', (chunk) => { answer = Buffer.concat([answer, chunk]); });
    socket.on('error', reject).on('close', () => resolve(answer.toString('latin1')));
    socket.setTimeout(10_000, () => socket.destroy(new Error('no end of the answer')));
    socket.write(['GET /clip.mp4 HTTP/1.1', 'Host: 127.0.0.1', 'Connection: close', ...headers, '', ''].join('\r\n'));
  });
}
function describe(answer) {
  const [head] = answer.split('\r\n\r\n', 1);
  const header = (name) => new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1].trim() ?? '-';
  const received = answer.length - head.length - 4;
  return { status: head.split(' ')[1], range: header('content-range'), length: header('content-length'), received };
}
for (let tries = 0; ; tries += 1) {
  try { await ask(); break; } catch (error) { if (tries === 100) throw error; }
  await new Promise((resolve) => { setTimeout(resolve, 100); });
}
const part = describe(await ask('Range: bytes=0-65535'));
const whole = describe(await ask());
console.log(`range ${part.status} ${part.range}, content-length ${part.length}, received ${part.received}; ` +
  `plain ${whole.status}, received ${whole.received}`);
JS

free_port() {
  node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

webfs_port=$(free_port)
"$webfsd" -F -i 127.0.0.1 -p "$webfs_port" -r files >/dev/null 2>&1 &
servers+=($!)
lws_port=$(free_port)
node node_modules/.bin/ws --hostname 127.0.0.1 --port "$lws_port" --directory files >/dev/null 2>&1 &
servers+=($!)

{
  echo "webfsd:           $(node ask.mjs "$webfs_port")"
  echo "local-web-server: $(node ask.mjs "$lws_port")"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
