import { z } from 'zod';
import { optional, setting } from './setting.ts';
import { address, integer, text } from './setting-schemas.ts';

/** Where the dashboard listens, and who may log in. */
export const DASHBOARD_SETTINGS = {
  DASHBOARD_URL: optional({
    schema: address('http:', 'https:'),
    range: 'http(s) address',
    purpose: 'Where people reach the dashboard; notices link to it.',
  }),
  DASHBOARD_HOST: setting({
    schema: text,
    default: '127.0.0.1',
    range: 'address or name of this machine',
    purpose:
      'Where the dashboard listens; anything but this machine itself needs a password or users.',
  }),
  DASHBOARD_PORT: setting({
    schema: integer(0, 65_535),
    default: '4270',
    range: '0 to 65535; 0 is any free port',
    purpose: 'Port of the dashboard.',
  }),
  DASHBOARD_PASSWORD: optional({
    schema: z.string().min(8, 'must have at least 8 characters'),
    range: 'text of at least 8 characters',
    purpose: 'Password of the dashboard, for one operator.',
    isSecret: true,
  }),
  DASHBOARD_USERS: optional({
    schema: text,
    range: 'path of a JSON file',
    purpose: 'Users of the dashboard instead of one password, with roles and hashed passwords.',
  }),
  DASHBOARD_UPLOAD_MAX_BYTES: setting({
    schema: integer(1_024, 1_099_511_627_776),
    default: '268435456',
    range: '1 KiB to 1 TiB, in bytes',
    purpose: 'Largest manifest that the dashboard takes, or a schedule reads from an address.',
  }),
  DASHBOARD_TRUST_PROXY: setting({
    schema: z.enum(['yes', 'no']),
    default: 'no',
    range: 'yes or no',
    purpose: 'Whether to trust a reverse proxy about where requests come from.',
  }),
} as const;
