#!/usr/bin/env bash
# zod 4.4 refuses objects that 4.3 took: a key of `z.unknown()` or `z.any()` has to be there.
#
# Packages: zod@3.25.76, zod@4.3.6, zod@4.4.3, zod@4.6.7
# Guess:    `z.unknown()` takes `undefined`, so it takes an object without the key, as in zod 3; what 4.0 takes, every
#           4.x takes.
# Seen:     from 4.4 on the object without the key is refused, within `^4`. With `.optional()` it is taken
#           everywhere. An answer of an API that leaves a field out fails after `npm update`. (2026-11-28)
#> zod 3.25.76: unknown taken, any taken, unknown().optional() taken
#> zod 4.3.6: unknown taken, any taken, unknown().optional() taken
#> zod 4.4.3: unknown refused, any refused, unknown().optional() taken
#> zod 4.6.7: unknown refused, any refused, unknown().optional() taken
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . \
  zod-3.25.76@npm:zod@3.25.76 zod-4.3.6@npm:zod@4.3.6 zod-4.4.3@npm:zod@4.4.3 zod-4.6.7@npm:zod@4.6.7

cat >parse.mjs <<'JS'
for (const version of ['3.25.76', '4.3.6', '4.4.3', '4.6.7']) {
  const { z } = await import(`zod-${version}`);
  const take = (schema) => (z.object({ extra: schema }).safeParse({}).success ? 'taken' : 'refused');
  console.log(`zod ${version}: unknown ${take(z.unknown())}, any ${take(z.any())}, ` +
    `unknown().optional() ${take(z.unknown().optional())}`);
}
JS
node parse.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
