#!/usr/bin/env bash
# Compose: `environment: [KEY]` takes away the KEY that an `env_file` gives, if the shell has none.
#
# Packages: docker-compose 2.26.1 (Debian 13), unpacked, asked with `config`: no daemon, no image
# Guess:    an entry without a value passes the shell's variable on; a shell without it leaves what the file says.
# Seen:     the shell's absence wins: the service has no KEY at all. `${KEY:-}` is no help, it makes the value empty. What
#           works is an entry whose *name* depends on the shell: `${KEY:+KEY=}${KEY:-UNUSED=}`. (2026-11-30)
#> env_file alone                   KEY: from-file
#> KEY                              (no KEY)
#> KEY=${KEY:-}                     KEY: ""
#> ${KEY:+KEY=}${KEY:-UNUSED=}      KEY: from-file
#> the last, KEY=a$b=c in the shell KEY: a$b=c
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep '/debian/*$' | head -n 1)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror:-http://deb.debian.org/debian} trixie main" >sources
mkdir -p lists/partial cache/archives/partial
apt=(-qq -o Dir::Etc::SourceList="$work/sources" -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$work/lists"
  -o Dir::State::status=/dev/null -o Dir::Cache="$work/cache" -o Acquire::Languages=none -o APT::Sandbox::User=root)
apt-get "${apt[@]}" update >/dev/null
apt-get "${apt[@]}" download docker-compose=2.26.1* >/dev/null
dpkg -x docker-compose_*.deb unpacked
echo KEY=from-file >own.env
unset KEY
shown() { # an entry of `environment`, or none
  {
    printf 'name: x\nservices:\n  a:\n    image: x\n    env_file: own.env\n'
    [ $# = 0 ] || printf '    environment:\n      - "%s"\n' "$1"
  } >compose.yml
  # A $ of a value is written twice, so that the output can be read again.
  unpacked/usr/bin/docker-compose -f compose.yml config |
    sed -n '/KEY: null/d; s/\$\$/$/g; s/^ *\(KEY: .*\)/\1/p'
}
or_none() { [ -n "$1" ] && echo "$1" || echo '(no KEY)'; }
{
  echo "env_file alone                   $(or_none "$(shown)")"
  echo "KEY                              $(or_none "$(shown KEY)")"
  echo "KEY=\${KEY:-}                     $(or_none "$(shown 'KEY=${KEY:-}')")"
  echo "\${KEY:+KEY=}\${KEY:-UNUSED=}      $(or_none "$(shown '${KEY:+KEY=}${KEY:-UNUSED=}')")"
  echo "the last, KEY=a\$b=c in the shell $(or_none "$(KEY='a$b=c' shown '${KEY:+KEY=}${KEY:-UNUSED=}')")"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
