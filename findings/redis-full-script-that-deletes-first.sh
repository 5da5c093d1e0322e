#!/usr/bin/env bash
# A Redis at its `maxmemory` refuses a script that writes, unless the script first deletes something, be it nothing.
#
# Packages: redis 7.0.15 (Debian 12)
# Guess:    with `noeviction` a command that needs memory is refused, wherever it stands: a script, like a MULTI,
#           either fails or stops at that command.
# Seen:     `SET` alone, `SET` in a script, and `SET` behind a `DEL` in a MULTI are refused. `SET` behind `DEL` in a
#           script is stored, also when the `DEL` found nothing: once a script has sent a command that writes, memory
#           is no longer looked at. A script that begins with `#!lua` is refused as a whole. So of two scripts that
#           write the same, one still fills a full server. (2026-11-28)
#> SET:                            OOM
#> script, SET:                    OOM
#> script, GET, SET:               OOM
#> script, DEL of nothing, SET:    OK
#> the same with #!lua:            OOM
#> MULTI, DEL of nothing, SET:     EXECABORT
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d) server=
trap '[[ -z $server ]] || { kill "$server"; wait "$server" || true; }; rm -rf "$work"' EXIT
cd "$work"
if command -v redis-server >/dev/null && command -v redis-cli >/dev/null; then
  redis=$(dirname "$(command -v redis-server)")
else
  apt-get download -qq redis-server redis-tools libjemalloc2 liblua5.1-0 liblzf1 lua-bitop lua-cjson libatomic1 libssl3 libsystemd0 >/dev/null 2>&1
  for deb in *.deb; do dpkg -x "$deb" unpacked; done
  export LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu
  redis=unpacked/usr/bin
fi
port=$(node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
"$redis/redis-server" --port "$port" --bind 127.0.0.1 --save '' --appendonly no >server.log 2>&1 &
server=$!
timeout 30 bash -c 'until grep -q "Ready to accept" server.log; do sleep 0.1; done'
ask() { "$redis/redis-cli" -p "$port" "$@"; }

ask eval 'for number = 1, 20000 do redis.call("SET", "filler" .. number, string.rep("x", 100)) end' 0 >filled
ask config set maxmemory 2mb >>filled
told() { grep -oE '^(OK|OOM|EXECABORT)' | tail -n 1; }
{
  echo "SET:                            $(ask set key value | told)"
  echo "script, SET:                    $(ask eval 'return redis.call("SET", "key", "value")' 0 | told)"
  echo "script, GET, SET:               $(ask eval 'redis.call("GET", "none") return redis.call("SET", "key", "value")' 0 | told)"
  echo "script, DEL of nothing, SET:    $(ask eval 'redis.call("DEL", "none") return redis.call("SET", "key", "value")' 0 | told)"
  echo "the same with #!lua:            $(ask eval $'#!lua\nredis.call("DEL", "none") return redis.call("SET", "key", "value")' 0 | told)"
  echo "MULTI, DEL of nothing, SET:     $(printf 'MULTI\nDEL none\nSET key value\nEXEC\n' | ask | told)"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
