import { optional, setting } from './setting.ts';
import {
  bytes,
  choice,
  headerName,
  host,
  longText,
  names,
  port,
  shortText,
  TIB,
  text,
  trustedProxies,
  webAddress,
} from './setting-schemas.ts';

/** Where the dashboard listens, and who may log in. */
export const DASHBOARD_SETTINGS = {
  DASHBOARD_URL: optional({
    schema: webAddress,
    purpose: 'Where people reach the dashboard; notices link to it.',
  }),
  DASHBOARD_NAME: optional({
    schema: shortText(40),
    purpose: 'Which installation this is; every page, its title and the log-in show it.',
  }),
  DASHBOARD_PRACTICE: setting({
    schema: choice(['auto', 'yes', 'no']),
    default: 'auto',
    purpose:
      'Whether pages say that sessions are not real; `auto` says so when `API_BASE_URL` is on this machine, as that of the sandbox.',
  }),
  DASHBOARD_HOST: setting({
    schema: host,
    default: '127.0.0.1',
    purpose:
      'Where the dashboard listens; anything but this machine itself needs a password or users.',
  }),
  DASHBOARD_PORT: setting({
    schema: port,
    default: '4270',
    purpose: 'Port of the dashboard.',
  }),
  DASHBOARD_PASSWORD: optional({
    schema: longText(8),
    purpose: 'Password of the dashboard, for one operator.',
    isSecret: true,
  }),
  DASHBOARD_USERS: optional({
    schema: text.describe('path of a JSON file'),
    purpose: 'Users of the dashboard instead of one password, with roles and hashed passwords.',
  }),
  DASHBOARD_UPLOAD_MAX_BYTES: setting({
    schema: bytes(1_024, TIB),
    default: '268435456',
    purpose: 'Largest manifest that the dashboard takes, or a schedule reads from an address.',
  }),
  DASHBOARD_TRUST_PROXY: setting({
    schema: trustedProxies,
    default: 'no',
    purpose: 'Which reverse proxies to trust about where requests come from; `yes` is any sender.',
  }),
  DASHBOARD_AUTH_HEADER: optional({
    schema: headerName,
    purpose:
      'The header in which the reverse proxy says who is logged in; needs the addresses of the proxy in `DASHBOARD_TRUST_PROXY`.',
  }),
  DASHBOARD_GROUPS_HEADER: setting({
    schema: headerName,
    default: 'X-Forwarded-Groups',
    purpose: "The header with that person's groups, separated by commas.",
  }),
  DASHBOARD_OPERATOR_GROUPS: optional({
    schema: names,
    purpose:
      'Groups whose members are operators; `*` is everyone. Without it there are only viewers.',
  }),
  DASHBOARD_VIEWER_GROUPS: optional({
    schema: names,
    purpose: 'Groups whose members may view. Without it, everyone whom the proxy lets in.',
  }),
} as const;
