#!/usr/bin/env bash
# `s3cmd signurl` writes http:// addresses with the signature of 2006, whatever the configuration says.
#
# Packages: s3cmd 2.3.0 with python-magic 0.4.26 (Debian 12), with dummy keys and without a request
# Guess:    with `use_https = True` and `signature_v2 = False`, as `s3cmd --configure` writes them, an address is
#           https and carries Signature 4, as the program's own requests do. A time of `3600` is an hour.
# Seen:     http, and AWSAccessKeyId, Expires and Signature: version 2, which AWS takes in its older regions only.
#           `3600` is one o'clock on 1 January 1970; an hour is `+3600`. https needs `signurl_use_https`. (2026-11-28)
#> as configured:     http, signature 2
#> signurl_use_https: https, signature 2
#> lifetime +3600:    ends in about an hour
#> lifetime 3600:     ended in 1970
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq s3cmd python3-magic libmagic1 libmagic-mgc python3-dateutil python3-six >/dev/null 2>&1
# Also what they depend on and the system lacks, without installing anything.
mkdir -p debs/partial
apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
  s3cmd >/dev/null 2>&1
for deb in *.deb debs/*.deb; do [[ ! -e $deb ]] || dpkg -x "$deb" unpacked; done
command -v python3 >/dev/null || export PYTHONHOME=$work/unpacked/usr PATH=$PATH:$work/unpacked/usr/bin
[[ -e /usr/lib/file/magic.mgc ]] || export MAGIC=$work/unpacked/usr/lib/file/magic.mgc
export PYTHONPATH=$work/unpacked/usr/lib/python3/dist-packages LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu

secret=$(printf 'dummy%.0s' {1..8})
printf '%s\n' '[default]' 'access_key = DUMMYDUMMYDUMMYDUMMY' "secret_key = $secret" 'use_https = True' 'signature_v2 = False' \
  'host_base = s3.amazonaws.com' 'host_bucket = %(bucket)s.s3.amazonaws.com' >plain.cfg
{ cat plain.cfg; echo 'signurl_use_https = True'; } >https.cfg
sign() { python3 unpacked/usr/bin/s3cmd -c "$1" signurl s3://clips/lamp.mp4 "$2" 2>>errors; }
kind() { sed -E 's/^(https?):.*[?&]Signature=.*/\1, signature 2/; s/^(https?):.*X-Amz-Signature=.*/\1, signature 4/'; }
ends() {
  local end
  end=$(grep -oE 'Expires=[0-9]+')
  local left=$((${end#Expires=} - $(date +%s)))
  if ((left > 3500 && left < 3700)); then echo 'ends in about an hour'; elif ((${end#Expires=} < 31536000)); then echo 'ended in 1970'; else echo "$left s"; fi
}
{
  echo "as configured:     $(sign plain.cfg +3600 | kind)"
  echo "signurl_use_https: $(sign https.cfg +3600 | kind)"
  echo "lifetime +3600:    $(sign plain.cfg +3600 | ends)"
  echo "lifetime 3600:     $(sign plain.cfg 3600 | ends)"
} | tee seen || cat errors
sed -n 's/^#> //p' "$here" | diff - seen
