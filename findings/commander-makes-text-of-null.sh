#!/usr/bin/env bash
# commander: an option whose parser returns null, for "none", has an empty text for its value, or `true`.
#
# Packages: commander@14.0.3, commander@15.1.0
# Guess:    what the parser of an option returns is its value, whatever it is; so `--limit off` may be null.
# Seen:     null and undefined become '' where the value of the option is required, and `true` where it is optional:
#           the rule for an option that was given without a value is applied behind the parser, too. A program that
#           looks for `=== null` gets a text where its types say an object. (2026-11-29)
#> commander 14: --limit <n>: 5 is {"n":5}, off is ""; --limit [n]: off is true
#> commander 15: --limit <n>: 5 is {"n":5}, off is ""; --limit [n]: off is true
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >parse.mjs <<'JS'
import { Command } from 'commander';

const parse = (value) => (value === 'off' ? null : { n: Number(value) });
function limitOf(flags, value) {
  const program = new Command().option(flags, 'a limit', parse);
  return JSON.stringify(program.parse(['--limit', value], { from: 'user' }).opts().limit);
}
const required = `5 is ${limitOf('--limit <n>', '5')}, off is ${limitOf('--limit <n>', 'off')}`;
console.log(`--limit <n>: ${required}; --limit [n]: off is ${limitOf('--limit [n]', 'off')}`);
JS
for version in 14.0.3 15.1.0; do
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix . "commander@$version"
  echo "commander ${version%%.*}: $(node parse.mjs)"
done | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
