#!/usr/bin/env bash
# A token that shall live for 60: seconds, milliseconds or since 1970, by library and by type.
#
# Packages: jsonwebtoken@9.0.3, jose@6.2.18, fast-jwt@6.3.6
# Guess:    60 is seconds, the unit of `exp` itself, and the text '60', as settings from the environment are, is the same.
# Seen:     jsonwebtoken: the number is seconds, the text milliseconds. fast-jwt: milliseconds both. jose: the number is
#           the end itself, a minute after midnight in 1970, and the text is refused. Tokens that end the moment they are
#           made look like a clock that is wrong. (2026-11-28)
#> jsonwebtoken: 60 lives 60 s, '60' lives 0 s, '60s' lives 60 s
#> fast-jwt:     60 lives 0 s, '60' lives 0 s, '60s' lives 60 s
#> jose:         60 ended in 1970, '60' is refused, '60s' lives 60 s
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . jsonwebtoken@9.0.3 jose@6.2.18 fast-jwt@6.3.6

cat >sign.mjs <<'JS'
import { createSigner } from 'fast-jwt';
import { decodeJwt, SignJWT } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
const key = 'dummy-key-of-32-letters-for-tests';
const libraries = {
  'jsonwebtoken:': (life) => jsonwebtoken.sign({ iss: 'me' }, key, { expiresIn: life }),
  'fast-jwt:': (life) => createSigner({ key, expiresIn: life })({ iss: 'me' }),
  'jose:': (life) => new SignJWT({ iss: 'me' }).setProtectedHeader({ alg: 'HS256' }).setIssuedAt()
    .setExpirationTime(life).sign(new TextEncoder().encode(key)),
};
for (const [words, sign] of Object.entries(libraries)) {
  const seen = [];
  for (const [shown, life] of [['60', 60], ["'60'", '60'], ["'60s'", '60s']]) {
    try {
      const { iat, exp } = decodeJwt(await sign(life));
      seen.push(exp < 86_400 ? `${shown} ended in 1970` : `${shown} lives ${exp - iat} s`);
    } catch {
      seen.push(`${shown} is refused`);
    }
  }
  console.log(`${words.padEnd(13)} ${seen.join(', ')}`);
}
JS
node sign.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
