#!/usr/bin/env bash
# Standard Webhooks: verifiers miss the signature of a genuine request when given the `headers` of a web Request.
#
# Packages: standardwebhooks@1.1.1, svix@1.99.1; Node 20
# Guess:    `verify(body, request.headers)` takes what Hono, Next.js, Deno and Workers give: a `Headers` object.
# Seen:     both say "Missing required headers". They read properties, and a `Headers` has none. With
#           `Object.fromEntries(request.headers)` the same request is genuine. (2026-11-28)
#> standardwebhooks: Headers: Missing required headers; plain object: genuine
#> svix:             Headers: Missing required headers; plain object: genuine
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . standardwebhooks@1.1.1 svix@1.99.1

cat >verify.mjs <<'JS'
import * as standardWebhooks from 'standardwebhooks';
import * as svix from 'svix';
const secret = `whsec_${Buffer.from('a secret of twenty-four bytes or more').toString('base64')}`;
const body = JSON.stringify({ type: 'batch.ended' });
const now = new Date();
const signature = new standardWebhooks.Webhook(secret).sign('msg_1', now, body);
const timestamp = String(Math.floor(now.getTime() / 1000));
const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': timestamp, 'webhook-signature': signature };
const request = new Request('http://127.0.0.1/', { method: 'POST', headers, body });
for (const [name, { Webhook }] of Object.entries({ standardwebhooks: standardWebhooks, svix })) {
  const outcomes = [['Headers', request.headers], ['plain object', Object.fromEntries(request.headers)]].map(([kind, given]) => {
    try {
      new Webhook(secret).verify(body, given);
      return `${kind}: genuine`;
    } catch ({ message }) {
      return `${kind}: ${message}`;
    }
  });
  console.log(`${`${name}:`.padEnd(17)} ${outcomes.join('; ')}`);
}
JS
timeout 60 node verify.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
