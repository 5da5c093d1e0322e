#!/usr/bin/env bash
# `journalctl -o json` writes null for a line of more than 4 KiB, and a list of numbers for one with a colour.
#
# Packages: systemd 252 (journalctl) and systemd-journal-remote 252 (writes the journal), Debian 12
# Guess:    a format for programs gives each message as text and whole, as `-o cat` does; at most a terminal's view is
#           cut.
# Seen:     a field of more than 4,096 bytes is null unless `--all` is given. A message with a character that does not
#           print, such as the escape of a colour, is an array of its bytes. So a filter over the JSON lines of a
#           worker fails at the longest ones, which are often the errors. (2026-11-29)
#> 100 bytes:   -o json string of 100, with --all string of 100, -o cat 100
#> 4000 bytes:  -o json string of 4000, with --all string of 4000, -o cat 4000
#> 5000 bytes:  -o json null, with --all string of 5000, -o cat 5000
#> with colour: -o json array of 27, with --all array of 27, -o cat 27
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
remote=/lib/systemd/systemd-journal-remote
if [[ ! -x $remote ]]; then
  # Unpacks it, and what it depends on and the system lacks, without installing anything.
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    systemd-journal-remote >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  remote=$work/unpacked/lib/systemd/systemd-journal-remote
  export LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu
fi

cat >write.mjs <<'JS'
const line = (bytes) => `{"level":50,"msg":"${'x'.repeat(bytes - 21)}"}`;
const messages = [line(100), line(4000), line(5000), '{"msg":"\u001B[31mrefused\u001B[0m."}'];
for (const [index, message] of messages.entries()) {
  console.log(`__REALTIME_TIMESTAMP=${1_795_000_000_000_000 + index}`);
  console.log(`__MONOTONIC_TIMESTAMP=${1_000 + index}\n_BOOT_ID=4531fd22ec84429e85ae888b12fadb91\nMESSAGE=${message}\n`);
}
JS
node write.mjs >messages
"$remote" -o out.journal messages >/dev/null 2>&1
unset LD_LIBRARY_PATH

cat >show.mjs <<'JS'
import { execFileSync } from 'node:child_process';

const read = (...options) =>
  execFileSync('journalctl', ['--file', 'out.journal', ...options], { encoding: 'utf8' }).trimEnd().split('\n');
const describe = (json) => {
  const { MESSAGE: message } = JSON.parse(json);
  if (message === null) return 'null';
  return `${Array.isArray(message) ? 'array' : typeof message} of ${message.length}`;
};
const [short, all, cat] = [read('-o', 'json'), read('-o', 'json', '--all'), read('-o', 'cat', '--all')];
for (const [index, name] of ['100 bytes:', '4000 bytes:', '5000 bytes:', 'with colour:'].entries()) {
  const seen = `-o json ${describe(short[index])}, with --all ${describe(all[index])}, -o cat ${cat[index].length}`;
  console.log(`${name.padEnd(12)} ${seen}`);
}
JS
node show.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
