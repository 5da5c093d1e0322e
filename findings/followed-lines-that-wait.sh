#!/usr/bin/env bash
# A line that comes down a pipe waits in mawk, which is Debian's awk, and in Miller, for lines behind it.
#
# Packages: mawk 1.3.4, gawk 5.2.1, original-awk 2022-09-12, miller 6.6.0, parallel 20221122 (Debian 12)
# Guess:    a program that does something for each line, as `awk '{ system(…) }'`, does it when the line is there; only
#           what it prints may wait in stdio, as with grep. If one waits, it is parallel.
# Seen:     mawk waits for 4 KiB or the end before it looks at a line; `-W interactive` changes that. Miller reads 500
#           records before it works on the first, also with `--fflush`; `--records-per-batch 1` changes that. So behind
#           `tail -f`, or any program that prints results as they come, they act on the first results late, and on the
#           last ones at the end. gawk, original-awk, parallel and xargs act at once. (2026-11-29)
#> mawk:                                at the end
#> mawk -W interactive:                 at once
#> gawk:                                at once
#> original-awk:                        at once
#> mlr --fflush:                        at the end
#> mlr --fflush --records-per-batch 1:  at once
#> parallel -j2:                        at once
#> xargs -n1:                           at once
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
programs=(mawk gawk original-awk mlr parallel)
if (($(command -v "${programs[@]}" | wc -l) < ${#programs[@]})); then
  # Unpacks them, and what they depend on and the system lacks, without installing anything.
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    mawk gawk original-awk miller parallel >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  export PATH=$PATH:$work/unpacked/usr/bin LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu
fi

# Each writes a file for the line. The pipe stays open for another 5 s.
act() { # NAME COMMAND…
  local name=$1 source reader when=never
  shift
  rm -f acted
  mkfifo line
  "$@" <line >out 2>>errors &
  reader=$!
  { echo '{"session_id":"s1"}'; sleep 5; } >line &
  source=$!
  for _ in $(seq 35); do
    sleep 0.1
    if [[ -s acted || -s out ]]; then when='at once'; break; fi
  done
  wait "$source" "$reader" || true
  if [[ $when == never && (-s acted || -s out) ]]; then when='at the end'; fi
  rm -f line out
  printf '%-36s %s\n' "$name:" "$when"
}
export HOME=$work
program='{ system("echo 1 >acted") }'
{
  act mawk mawk "$program"
  act 'mawk -W interactive' mawk -W interactive "$program"
  act gawk gawk "$program"
  act original-awk original-awk "$program"
  act 'mlr --fflush' mlr --fflush --ijsonl --ojsonl cat
  act 'mlr --fflush --records-per-batch 1' mlr --fflush --records-per-batch 1 --ijsonl --ojsonl cat
  act 'parallel -j2' parallel -j2 'echo {} >acted'
  act 'xargs -n1' xargs -n1 sh -c 'echo 1 >acted'
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen || { cat errors; exit 1; }
