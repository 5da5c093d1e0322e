#!/usr/bin/env bash
# Redis: asking for 500 fields of a compact hash by name costs ten times as much as reading all of it, and more.
#
# Packages: redis 7.0.15 (Debian 12)
# Guess:    HMGET with each field of a hash costs about what HGETALL costs, as a field is found by its hash in one
#           step.
# Seen:     a hash below `hash-max-listpack-entries` and `hash-max-listpack-value` is one list, which Redis searches
#           from its begin for each field: 500 of 500 fields by name took 1.2 ms, all at once 0.07 ms. As a real hash
#           table it is about the same either way. Who raises these limits to save memory pays with HMGET. (2026-11-29)
#> limit 512, encoding listpack:  HMGET of all fields takes more than 5 times as long as HGETALL
#> limit 128, encoding hashtable: HMGET of all fields takes less than 2 times as long as HGETALL
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

# The server's own time for a command, in µs a call: it does not depend on the client.
cost() { ask info commandstats | sed -n "s/^cmdstat_$1:.*usec_per_call=\([0-9.]*\),.*/\1/p"; }
fields=$(seq -f 'field-%.0f' 1 500)
ask config set hash-max-listpack-value 1000 >answers
for limit in 512 128; do
  ask del hash >>answers
  ask config set hash-max-listpack-entries "$limit" >>answers
  ask eval 'for n = 1, 500 do redis.call("HSET", KEYS[1], "field-" .. n, string.rep("x", 180)) end' 1 hash >>answers
  ask config resetstat >>answers
  for _ in $(seq 30); do
    # shellcheck disable=SC2086
    ask hmget hash $fields >>answers
    ask hgetall hash >>answers
  done
  ratio=$(awk -v by_name="$(cost hmget)" -v whole="$(cost hgetall)" 'BEGIN { print by_name / whole }')
  told=$(awk -v ratio="$ratio" 'BEGIN { print (ratio > 5 ? "more than 5" : ratio < 2 ? "less than 2" : ratio) }')
  printf '%-30s HMGET of all fields takes %s times as long as HGETALL\n' \
    "limit $limit, encoding $(ask object encoding hash):" "$told"
done | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
