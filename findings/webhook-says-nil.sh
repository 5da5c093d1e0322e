#!/usr/bin/env bash
# The `webhook` server hands a null of the JSON body to its command as `<nil>`, and a field that is missing as nothing.
#
# Packages: webhook 2.8.0 (Debian 12)
# Guess:    null is an empty argument, or left out, as with `jq -r '.link // empty'`; a test for an empty one finds
#           both.
# Seen:     null is the text `<nil>`, as Go prints it: a script that tests `[ -n "$2" ]` takes it for a link. A field
#           that is missing is an empty argument. A list is JSON; numbers of 18 digits are exact. (2026-11-29)
#> null:      [<nil>]
#> missing:   []
#> list:      [["spring","lamp"]]
#> list of 1: [7]
#> number:    [784912345678901234]
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d) server=
trap '[[ -z $server ]] || { kill "$server"; wait "$server" || true; }; rm -rf "$work"' EXIT
cd "$work"
webhook=$(command -v webhook || true)
if [[ -z $webhook ]]; then
  # Unpacks it without installing anything.
  mkdir -p debs
  (cd debs && apt-get download -qq webhook >/dev/null 2>&1)
  dpkg -x debs/webhook_*.deb unpacked
  webhook=$work/unpacked/usr/bin/webhook
fi

cat >show.sh <<'SH'
#!/bin/sh
printf 'null:      [%s]\nmissing:   [%s]\nlist:      [%s]\nlist of 1: [%s]\nnumber:    [%s]\n' "$@"
SH
chmod +x show.sh
cat >hooks.json <<JSON
[{ "id": "notice", "execute-command": "$work/show.sh", "include-command-output-in-response": true,
   "pass-arguments-to-command": [
     { "source": "payload", "name": "data.link" }, { "source": "payload", "name": "data.report" },
     { "source": "payload", "name": "data.tags" }, { "source": "payload", "name": "data.rows.0.row" },
     { "source": "payload", "name": "data.video_id" } ] }]
JSON
port=$(node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
"$webhook" -hooks hooks.json -ip 127.0.0.1 -port "$port" >server.log 2>&1 &
server=$!
timeout 10 bash -c "until (: </dev/tcp/127.0.0.1/$port) 2>/dev/null; do sleep 0.1; done"

cat >send.mjs <<'JS'
const body = '{"data":{"link":null,"tags":["spring","lamp"],"rows":[{"row":7}],"video_id":784912345678901234}}';
const response = await fetch(process.argv[2], { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
process.stdout.write(await response.text());
JS
node send.mjs "http://127.0.0.1:$port/hooks/notice" | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
