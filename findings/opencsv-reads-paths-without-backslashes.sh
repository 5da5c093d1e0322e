#!/usr/bin/env bash
# opencsv reads D:\clips\neu.mp4 as D:clipsneu.mp4, and two rows as one behind a path that ends with a backslash.
#
# Packages: libopencsv-java 5.2, libcommons-csv-java 1.9.0 with openjdk-17-jdk-headless (Debian 12)
# Guess:    CSV has no escape but the doubled quote, and what a library writes with its defaults it reads with its
#           defaults.
# Seen:     CSVWriter writes a backslash as it is. CSVReader takes it for an escape: it disappears, and a quote behind
#           it is text, so a folder `"D:\clips\"` at the end of a row takes the next row into its cell, without an
#           error. `RFC4180Parser` reads both, as Commons CSV does. (2026-11-29)
#> opencsv writes: LAMP,D:\clips\neu.mp4
#> opencsv reads:  1 row: LAMP, D:clipsneu.mp4
#> RFC4180Parser:  1 row: LAMP, D:\clips\neu.mp4
#> Commons CSV:    1 row: LAMP, D:\clips\neu.mp4
#> two folders
#> opencsv reads:  1 row: LAMP, D:clips"<LF>SOFA,D:clips"
#> RFC4180Parser:  2 rows: LAMP, D:\clips\; SOFA, D:\clips\
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >Paths.java <<'JAVA'
import com.opencsv.*;
import java.io.*;
import java.util.*;
import org.apache.commons.csv.*;

public class Paths {
  static void show(String name, List<String[]> rows) {
    StringJoiner text = new StringJoiner("; ");
    for (String[] row : rows) text.add(String.join(", ", row).replace("\n", "<LF>"));
    System.out.printf("%-15s %d row%s: %s%n", name + ":", rows.size(), rows.size() == 1 ? "" : "s", text);
  }

  static void read(String csv) throws Exception {
    show("opencsv reads", new CSVReader(new StringReader(csv)).readAll());
    ICSVParser parser = new RFC4180ParserBuilder().build();
    show("RFC4180Parser", new CSVReaderBuilder(new StringReader(csv)).withCSVParser(parser).build().readAll());
  }

  public static void main(String[] arguments) throws Exception {
    StringWriter written = new StringWriter();
    try (ICSVWriter writer = new CSVWriter(written)) {
      writer.writeNext(new String[] {"LAMP", "D:\\clips\\neu.mp4"}, false);
    }
    String file = written.toString();
    System.out.print("opencsv writes: " + file);
    read(file);
    CSVRecord record = CSVFormat.DEFAULT.parse(new StringReader(file)).getRecords().get(0);
    show("Commons CSV", List.<String[]>of(new String[] {record.get(0), record.get(1)}));
    System.out.println("two folders");
    read("LAMP,\"D:\\clips\\\"\nSOFA,\"D:\\clips\\\"\n");
  }
}
JAVA
cat >run.sh <<'SH'
java -cp "$(find /usr/share/java -name '*.jar' | paste -sd:)" Paths.java
SH
if command -v javac >/dev/null && [[ -e /usr/share/java/opencsv.jar && -e /usr/share/java/commons-csv.jar ]]; then
  bash run.sh >printed 2>run.log
else
  # Unpacks them, and what they depend on and the system lacks, and lays that over the system in a mount namespace of its
  # own: Java looks for its files in fixed places. Nothing is installed, and nobody else sees it.
  mkdir -p debs/partial unpacked/usr unpacked/etc
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    openjdk-17-jdk-headless libopencsv-java libcommons-csv-java >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  [[ ! -d unpacked/lib ]] || cp -a unpacked/lib/. unpacked/usr/lib/ # as on the system, where /lib is a link
  PATH=/usr/lib/jvm/java-17-openjdk-amd64/bin:$PATH unshare --mount bash -c '
    mount -t overlay overlay -o "lowerdir=$PWD/unpacked/usr:/usr" /usr
    mount -t overlay overlay -o "lowerdir=$PWD/unpacked/etc:/etc" /etc
    bash run.sh' >printed 2>run.log || true
fi
grep -q 'two folders' printed || { cat run.log; echo 'Not run: install openjdk-17-jdk-headless, libopencsv-java and libcommons-csv-java.'; exit 1; }
tee seen <printed
sed -n 's/^#> //p' "$here" | diff - seen
