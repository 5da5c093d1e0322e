import { expect } from 'vitest';
import { test } from '../e2e-test.ts';

test.for([
  [
    { DASHBOARD_AUTH_HEADER: 'X-Forwarded-User' },
    'DASHBOARD_AUTH_HEADER needs the addresses of the reverse proxy in DASHBOARD_TRUST_PROXY',
  ],
  [
    { DASHBOARD_AUTH_HEADER: 'X-Forwarded-User', DASHBOARD_TRUST_PROXY: 'yes' },
    'anyone else could send this header, too.',
  ],
  [
    { DASHBOARD_PASSWORD: 'correct horse', DASHBOARD_USERS: 'users.json' },
    'DASHBOARD_PASSWORD and DASHBOARD_USERS are both set; keep one of them.',
  ],
  [
    { DASHBOARD_TRUST_PROXY: 'proxy.example' },
    'DASHBOARD_TRUST_PROXY: "proxy.example" is not usable: must be yes, no, or addresses and ranges',
  ],
] as const)(
  'a dashboard that anyone could enter, or none, is refused: %o',
  async ([env, sentence], { place }) => {
    const { exitCode, stderr } = await place.cli(['dashboard'], { env });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(sentence)]);
  },
);
