#!/usr/bin/env bash
# `… | logger`: a JSON line of more than 1 KiB becomes two messages, neither of which is JSON.
#
# Packages: util-linux's logger (bsdutils, Debian 12: 2.38.1)
# Guess:    a long line is cut at the limit of the syslog protocol that is in use: for RFC 5424 at least 2 KiB, and
#           only the end is lost.
# Seen:     `logger` has a limit of its own, 1 KiB of text, and sends the rest as a message of its own, with its own
#           time and the same tag. A log line with a signed address is longer than that. `--size 8KiB` keeps it whole.
#           (2026-11-28)
#> default:     3 messages for 2 lines, of which JSON: 1
#> --size 8KiB: 2 messages for 2 lines, of which JSON: 2
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
if ! logger=$(command -v logger); then
  apt-get download -qq bsdutils >/dev/null 2>&1
  dpkg -x bsdutils_*.deb unpacked
  logger=unpacked/usr/bin/logger
fi
export logger

cat >log.mjs <<'JS'
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
const lines = [{ level: 40, msg: 'row failed', url: `https://media.example.com/?sig=${'a'.repeat(1500)}` }, { level: 30, msg: 'batch ended' }];
writeFileSync('lines', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
for (const [words, options] of [['default:', []], ['--size 8KiB:', ['--size', '8KiB']]]) {
  const messages = [];
  const socket = createSocket('udp4', (message) => messages.push(String(message)));
  await new Promise((resolve) => { socket.bind(0, '127.0.0.1', resolve); });
  const to = ['--server', '127.0.0.1', '--port', String(socket.address().port), '--udp', '--rfc5424', '--tag', 'worker'];
  spawnSync(process.env.logger, [...to, ...options, '--file', 'lines'], { stdio: 'inherit' });
  await new Promise((resolve) => { setTimeout(resolve, 500); });
  socket.close();
  const isJson = (message) => {
    try { return Boolean(JSON.parse(message.slice(message.indexOf('] ') + 2))); } catch { return false; }
  };
  console.log(`${words.padEnd(12)} ${messages.length} messages for ${lines.length} lines, of which JSON: ${messages.filter(isJson).length}`);
}
JS
timeout 60 node log.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
