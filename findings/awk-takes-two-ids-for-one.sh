#!/usr/bin/env bash
# awk: two ids of 18 digits that end differently are equal, and the smaller one is not below the larger.
#
# Packages: mawk 1.3.4, gawk 5.2.1, busybox 1.35.0, original-awk 2022-09-12 (Debian 12)
# Guess:    `$1 == $2` compares what stands in the two cells; at worst gawk, which calculates in doubles, needs `""`.
# Seen:     fields that look like numbers are compared as doubles, by all four: 784912345678901234 equals
#           784912345678901235, so a join written as `$1 == $2` pairs the sessions of one video with another. As the
#           key of an array the same field is text, and `!seen[$1]++` keeps both. `$1 "" == $2` compares the text.
#           (2026-11-29)
#> mawk:         equal: yes, below: no, keys: 2, as text equal: no
#> gawk:         equal: yes, below: no, keys: 2, as text equal: no
#> busybox awk:  equal: yes, below: no, keys: 2, as text equal: no
#> original-awk: equal: yes, below: no, keys: 2, as text equal: no
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p debs/partial
for package in mawk gawk busybox original-awk; do
  command -v "$package" >/dev/null && continue
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    "$package" >/dev/null 2>&1
done
for deb in debs/*.deb; do [[ ! -e $deb ]] || dpkg -x "$deb" unpacked; done
export PATH=$PATH:$work/unpacked/usr/bin:$work/unpacked/bin LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu
printf '784912345678901234,784912345678901235\n784912345678901235,784912345678901235\n' >ids.csv
cat >compare.awk <<'AWK'
function yes(is) { return is ? "yes" : "no" }
NR == 1 { equal = yes($1 == $2); below = yes($1 < $2); text = yes($1 "" == $2) }
!seen[$1]++ { keys++ }
END { printf "equal: %s, below: %s, keys: %d, as text equal: %s\n", equal, below, keys, text }
AWK
for awk in mawk gawk 'busybox awk' original-awk; do
  printf '%-13s %s\n' "$awk:" "$($awk -F, -f compare.awk ids.csv)"
done | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
