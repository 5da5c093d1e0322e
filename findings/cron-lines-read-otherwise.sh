#!/usr/bin/env bash
# Cron lines that one library takes are taken by another for other days, without a word.
#
# Packages: cron-parser@5.10.3, croner@11.0.1, cron@4.4.0, cronosjs@1.7.1, cron-schedule@6.0.0
# Guess:    what a library cannot read it refuses; what two libraries take, they take for the same days. `0-7` is
#           every day of the week, `2/6` is every six hours from two o'clock on or an error, `1#1` the first Monday or
#           an error.
# Seen:     cronosjs runs `0-7` on Sundays only. cron-schedule reads the number in front and drops the rest: `2/6` at
#           two o'clock only, `1#1` on every Monday. For `1-31 * 1` cron and cron-schedule see that all days of the
#           month are named, and run on Mondays; the others run every day. (2026-11-28)
#> 0 2 * * 0-7    June's runs: cron-parser 30, croner 30, cron 30, cronosjs 4, cron-schedule 30
#> 0 2/6 * * 1    June's runs: cron-parser 20, croner refused, cron 20, cronosjs 20, cron-schedule 5
#> 0 2 * * 1#1    June's runs: cron-parser 1, croner 1, cron refused, cronosjs 1, cron-schedule 5
#> 0 2 1-31 * 1   June's runs: cron-parser 30, croner 30, cron 5, cronosjs 30, cron-schedule 5
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . cron-parser@5.10.3 croner@11.0.1 cron@4.4.0 \
  cronosjs@1.7.1 cron-schedule@6.0.0
export TZ=UTC

cat >june.mjs <<'JS'
import { CronTime } from 'cron';
import { CronExpressionParser } from 'cron-parser';
import { parseCronExpression } from 'cron-schedule';
import { Cron } from 'croner';
import { CronosExpression } from 'cronosjs';
const begin = new Date('2026-05-31T23:59:59Z');
const end = new Date('2026-07-01T00:00:00Z');
/** Each gives, for a line, the function that gives the run after a time. */
const libraries = {
  'cron-parser': (line) => (after) => CronExpressionParser.parse(line, { currentDate: after, tz: 'UTC' }).next().toDate(),
  croner: (line) => { const job = new Cron(line, { timezone: 'UTC', paused: true }); return (after) => job.nextRun(after); },
  cron: (line) => { const time = new CronTime(line, 'UTC'); return (after) => time.getNextDateFrom(after, 'UTC').toJSDate(); },
  cronosjs: (line) => { const expression = CronosExpression.parse(line, { timezone: 'UTC' }); return (after) => expression.nextDate(after); },
  'cron-schedule': (line) => { const cron = parseCronExpression(line); return (after) => cron.getNextDate(after); },
};
for (const line of ['0 2 * * 0-7', '0 2/6 * * 1', '0 2 * * 1#1', '0 2 1-31 * 1']) {
  const counts = Object.entries(libraries).map(([name, read]) => {
    try {
      const next = read(line);
      let runs = 0;
      for (let at = next(begin); at < end; at = next(at)) runs += 1;
      return `${name} ${runs}`;
    } catch {
      return `${name} refused`;
    }
  });
  console.log(`${line.padEnd(14)} June's runs: ${counts.join(', ')}`);
}
JS
timeout 60 node june.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
