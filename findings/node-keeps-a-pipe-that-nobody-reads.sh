#!/usr/bin/env bash
# A Node process whose reader is gone learns of it at its next write only; `tail -f` notices at once and ends.
#
# Packages: Node 20 as it is installed (seen with 20.20.2), coreutils 9.1 (Debian 12)
# Guess:    `process.stdout` emits 'close', 'end' or an error when the other end of the pipe is closed, so `program |
#           reader` ends soon after the reader is killed, and a loop around the two starts again.
# Seen:     no event comes. A program that prints results as they come, and has none to print, stays for hours, and the
#           shell waits for it. At its next write it gets EPIPE. GNU tail polls for this. In a loop let the reader be
#           the last to wait for: `reader < <(program)`. (2026-11-29)
#> Node, waits:         no event within 3 s
#> Node, writes then:   error EPIPE
#> tail -f:             ended
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >wait.mjs <<'JS'
import { appendFileSync } from 'node:fs';

const note = (text) => appendFileSync('noted', `${text}\n`);
for (const event of ['close', 'end', 'finish', 'unpipe']) process.stdout.on(event, () => note(event));
process.stdout.on('error', ({ code }) => {
  note(`error ${code}`);
  process.exit();
});
process.stdout.write('first\n');
setTimeout(() => {
  note('write');
  process.stdout.write('second\n');
}, 3000);
JS
node wait.mjs | head -n 1 >/dev/null || true
before=$(sed '/^write$/,$d' noted) after=$(sed '0,/^write$/d' noted | head -n 1)
touch empty
began=$SECONDS
timeout 10 tail -n 0 -f empty | true || true
{
  echo "Node, waits:         ${before:-no event within 3 s}"
  echo "Node, writes then:   $after"
  if ((SECONDS - began < 8)); then echo 'tail -f:             ended'; else echo 'tail -f:             waits'; fi
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
