#!/usr/bin/env bash
# A Redis at its `maxmemory` refuses reads and deletions, too, where they stand between MULTI and EXEC.
#
# Packages: redis 7.0.15 (Debian 12)
# Guess:    with `noeviction` reads and deletions always pass, so a full server can be looked at and cleared; a transaction
#           is refused when one of its commands needs memory.
# Seen:     every command that is queued behind MULTI is refused, HGETALL and DEL like SET: the transaction of a client that
#           removes old data fails as long as the server is full, while the same commands pass alone and in a
#           script. `SET key value XX`, which would store nothing, is refused as well. (2026-11-29)
#> HGETALL: answered, in MULTI: OOM, in a script: answered
#> DEL:     answered, in MULTI: OOM, in a script: answered
#> SET XX of a key that is not there: OOM
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
"$redis/redis-server" --port "$port" --bind 127.0.0.1 --save "" --appendonly no >server.log 2>&1 &
server=$!
timeout 30 bash -c 'until grep -q "Ready to accept" server.log; do sleep 0.1; done'
ask() { "$redis/redis-cli" -p "$port" "$@"; }

ask eval 'for number = 1, 20000 do redis.call("HSET", "filler" .. number, "field", string.rep("x", 100)) end' 0 >filled
ask config set maxmemory 2mb >>filled
outcome() { if grep -q '^OOM'; then echo OOM; else echo answered; fi; }
{
  for command in HGETALL DEL; do
    printf '%-8s %s, in MULTI: %s, in a script: %s\n' "$command:" \
      "$(ask "$command" filler1 | outcome)" \
      "$(printf 'MULTI\n%s filler2\nEXEC\n' "$command" | ask | outcome)" \
      "$(ask eval 'return redis.call(ARGV[1], KEYS[1])' 1 filler3 "$command" | outcome)"
  done
  echo "SET XX of a key that is not there: $(ask SET none value XX | outcome)"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
