#!/usr/bin/env bash
# R 4.2: `as.POSIXct` reads an ISO time as midnight of that day, so a session that is alive counts as expired.
#
# Packages: r-base-core 4.2.2 (Debian 12)
# Guess:    `as.POSIXct("2026-11-26T21:14:07.901Z", tz = "UTC")` is that time; what it cannot read is an error or NA.
# Seen:     it tries a list of formats with a space between day and time, and the last one, the day alone, fits the
#           begin of the text: midnight, without a warning, on the whole column. A `format`, `%Y-%m-%dT%H:%M:%OSZ`,
#           reads it right. (2026-11-29)
#> as.POSIXct:         2026-11-26 00:00:00, alive at 20:00: FALSE, warnings: 0
#> with its format:    2026-11-26 21:14:07, alive at 20:00: TRUE, warnings: 0
#> with a space for T: 2026-11-26 21:14:07, alive at 20:00: TRUE, warnings: 0
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >read.R <<'R'
text <- "2026-11-26T21:14:07.901Z"
told <- 0
count <- function(warning) { told <<- told + 1; invokeRestart("muffleWarning") }
show <- function(name, read) {
  time <- withCallingHandlers(read(), warning = count)
  alive <- time > as.POSIXct("2026-11-26 20:00:00", tz = "UTC")
  cat(sprintf("%-19s %s, alive at 20:00: %s, warnings: %d\n", name, format(time, "%Y-%m-%d %H:%M:%S"), alive, told))
}
show("as.POSIXct:", function() as.POSIXct(text, tz = "UTC"))
show("with its format:", function() as.POSIXct(text, tz = "UTC", format = "%Y-%m-%dT%H:%M:%OSZ"))
show("with a space for T:", function() as.POSIXct("2026-11-26 21:14:07.901Z", tz = "UTC"))
R
if command -v Rscript >/dev/null; then
  Rscript read.R >printed 2>run.log
else
  # Unpacks it, and what it depends on and the system lacks, and lays that over the system in a mount namespace of its own: R
  # looks for its files in fixed places. Nothing is installed, and nobody else sees it.
  mkdir -p debs/partial unpacked/usr unpacked/etc
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    r-base-core >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  [[ ! -d unpacked/lib ]] || cp -a unpacked/lib/. unpacked/usr/lib/ # as on the system, where /lib is a link
  cp unpacked/usr/lib/R/etc/Renviron.ucf unpacked/etc/R/Renviron # as its installation does, and the links that follow
  for name in blas lapack; do
    library=$(find unpacked/usr/lib/x86_64-linux-gnu/$name -name "lib$name.so.3" 2>/dev/null | head -n 1)
    [[ -z $library ]] || cp -a "$(dirname "$library")/." unpacked/usr/lib/x86_64-linux-gnu/
  done
  unshare --mount bash -c '
    mount -t overlay overlay -o "lowerdir=$PWD/unpacked/usr:/usr" /usr
    mount -t overlay overlay -o "lowerdir=$PWD/unpacked/etc:/etc" /etc
    Rscript read.R' >printed 2>run.log || true
fi
[[ -s printed ]] || { cat run.log; echo 'Not run: install r-base-core, and try again.'; exit 1; }
tee seen <printed
sed -n 's/^#> //p' "$here" | diff - seen
