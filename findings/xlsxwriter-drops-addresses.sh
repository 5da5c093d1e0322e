#!/usr/bin/env bash
# XlsxWriter and Excel::Writer::XLSX leave the cell empty for a long address, and for each behind the 65,530th.
#
# Packages: XlsxWriter 3.0.2 (python3-xlsxwriter), Excel::Writer::XLSX 1.10 (libexcel-writer-xlsx-perl), both Debian
#           12
# Guess:    `write` puts any text of up to 32,767 characters into the cell.
# Seen:     a text that begins with https:// becomes a link, and Excel allows 65,530 links on a sheet and 2,079
#           characters in one. Beyond that the text is not written either: the cell is missing, the program only warns
#           and ends well. A signed address with a session token is longer than that. `write_string`, or in XlsxWriter
#           `strings_to_urls: False`, writes them all. (2026-11-28)
#> XlsxWriter,                 write:        65530 of 66000 rows; of 2,200 characters: missing
#> XlsxWriter,                 write_string: 66000 of 66000 rows; of 2,200 characters: there
#> Excel::Writer::XLSX,        write:        65530 of 66000 rows; of 2,200 characters: missing
#> Excel::Writer::XLSX,        write_string: 66000 of 66000 rows; of 2,200 characters: there
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . fflate@0.8.2
# Both are text in Python and Perl: unpacked is as good as installed.
apt-get download -qq python3-xlsxwriter libexcel-writer-xlsx-perl >/dev/null 2>&1
# Also what they depend on and the system lacks, without installing anything.
mkdir -p debs/partial
apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
  python3-xlsxwriter libexcel-writer-xlsx-perl >/dev/null 2>&1
for deb in *.deb debs/*.deb; do [[ ! -e $deb ]] || dpkg -x "$deb" unpacked; done
command -v python3 >/dev/null || export PYTHONHOME=$work/unpacked/usr PATH=$PATH:$work/unpacked/usr/bin
export PYTHONPATH=$work/unpacked/usr/lib/python3/dist-packages PERL5LIB=$work/unpacked/usr/share/perl5 LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu

cat >write.py <<'PY'
import sys, warnings, xlsxwriter
warnings.simplefilter('ignore')
how = sys.argv[1]
book = xlsxwriter.Workbook(f'python-{how}.xlsx')
sheet = book.add_worksheet()
write = getattr(sheet, how)
for row in range(66000):
    write(row, 0, f'https://media.example.com/{row}.mp4')
write(0, 1, 'https://media.example.com/1.mp4?X-Amz-Security-Token=' + 'a' * 2200)
book.close()
PY
cat >write.pl <<'PL'
use Excel::Writer::XLSX;
$SIG{__WARN__} = sub { };
my $how = $ARGV[0];
my $book = Excel::Writer::XLSX->new("perl-$how.xlsx");
my $sheet = $book->add_worksheet();
$sheet->$how($_, 0, "https://media.example.com/$_.mp4") for 0 .. 65999;
$sheet->$how(0, 1, 'https://media.example.com/1.mp4?X-Amz-Security-Token=' . 'a' x 2200);
$book->close();
PL
cat >count.cjs <<'JS'
const { readFileSync } = require('node:fs');
const { strFromU8, unzipSync } = require('fflate');
const sheet = strFromU8(unzipSync(readFileSync(process.argv[2]))['xl/worksheets/sheet1.xml']);
const rows = [...sheet.matchAll(/<c r="A\d+"[^>]*><v>/g)].length;
console.log(`${rows} of 66000 rows; of 2,200 characters: ${/<c r="B1"[^>]*><v>/.test(sheet) ? 'there' : 'missing'}`);
JS
for how in write write_string; do
  python3 write.py "$how"
  perl write.pl "$how"
done
for language in python perl; do
  name=XlsxWriter
  [[ $language == python ]] || name=Excel::Writer::XLSX
  for how in write write_string; do
    printf '%-27s %-13s %s\n' "$name," "$how:" "$(node count.cjs "$language-$how.xlsx")"
  done
done | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
