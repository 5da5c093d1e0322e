#!/usr/bin/env bash
# Miller: `mlr --icsv --ojsonl cat` writes 0x1F, .5 and 5. of a CSV as they are, which no JSON parser takes.
#
# Packages: miller 6.6.0, jq 1.6 (Debian 12); Node 20
# Guess:    the output is JSON whatever is in the cells: what is no number in JSON becomes text, as 007 does.
# Seen:     what Miller itself takes for a number is written without quotes, in the form that it has: hexadecimal and
#           binary numbers, and decimals without a digit before or behind the point. An article called 0x1F makes its
#           line unreadable; 1E5 is valid, and another value. jq reads `.5` and `5.` all the same. `-S` writes text
#           throughout. (2026-11-29)
#> cell     Miller writes  JSON.parse  jq      mlr -S writes
#> 007      "007"          007         007     "007"
#> 0x1F     0x1F           fails       fails   "0x1F"
#> 0b11     0b11           fails       fails   "0b11"
#> .5       .5             fails       0.5     ".5"
#> 5.       5.             fails       5       "5."
#> 1E5      1E5            100000      100000  "1E5"
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
if ! command -v mlr >/dev/null || ! command -v jq >/dev/null; then
  # Unpacks them, and what they depend on and the system lacks, without installing anything.
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    miller jq >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  export PATH=$work/unpacked/usr/bin:$PATH LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu
fi

value() { printf 'sku\n%s\n' "$1" | mlr "${@:2}" --icsv --ojsonl cat | sed 's/^{"sku": \(.*\)}$/\1/'; }
{
  printf '%-8s %-14s %-11s %-7s %s\n' cell 'Miller writes' JSON.parse jq 'mlr -S writes'
  for cell in 007 0x1F 0b11 .5 5. 1E5; do
    json=$(value "$cell")
    parsed=$(node -p 'try { JSON.parse(process.argv[1]) } catch { "fails" }' -- "$json")
    queried=$(jq -r . <<<"$json" 2>/dev/null) || queried=fails
    printf '%-8s %-14s %-11s %-7s %s\n' "$cell" "$json" "$parsed" "$queried" "$(value "$cell" -S)"
  done
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
