#!/usr/bin/env bash
# jo writes an id of 18 digits as 7.849123456789012e+17, 007 as 7 and 1E5 as 100000; `-s` keeps them.
#
# Packages: jo 1.9 (Debian 12)
# Guess:    what looks like a number is written as it was typed, so all digits are there; 007, which is no number in
#           JSON, is text.
# Seen:     each value that C's strtod reads goes through floating point, zeros in front and an exponent included, also
#           where the whole word is the name of an article. `jo -s name=value` writes text. (2026-11-29)
#> jo:    {"video_id":7.849123456789012e+17,"sku":7,"article":100000,"size":1.1}
#> jo -s: {"video_id":"784912345678901234","sku":"007","article":"1E5","size":"1.10"}
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
jo=$(command -v jo || true)
if [[ -z $jo ]]; then
  # Unpacks it without installing anything.
  mkdir -p debs
  (cd debs && apt-get download -qq jo >/dev/null 2>&1)
  dpkg -x debs/jo_*.deb unpacked
  jo=$work/unpacked/usr/bin/jo
fi
{
  echo "jo:    $("$jo" video_id=784912345678901234 sku=007 article=1E5 size=1.10)"
  echo "jo -s: $("$jo" -- -s video_id=784912345678901234 -s sku=007 -s article=1E5 -s size=1.10)"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
