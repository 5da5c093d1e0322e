import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import type { Logger } from 'pino';
import type { Access } from '../../dashboard/auth/access.ts';
import { LoginLimit } from '../../dashboard/auth/login-limit.ts';
import { ProxyLogin } from '../../dashboard/auth/proxy-login.ts';
import { SessionStore } from '../../dashboard/auth/session-store.ts';
import { UserFile } from '../../dashboard/auth/user-file.ts';
import { singleOperator, type Users } from '../../dashboard/auth/users.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import type { Stores } from '../../library/wiring/stores.ts';
import { whoAmI } from '../../library/wiring/who.ts';
import { CliError, EXIT } from '../process/exit.ts';

type AccessSettings = Pick<
  Settings,
  | 'DASHBOARD_HOST'
  | 'DASHBOARD_PASSWORD'
  | 'DASHBOARD_USERS'
  | 'DASHBOARD_TRUST_PROXY'
  | 'DASHBOARD_AUTH_HEADER'
  | 'DASHBOARD_GROUPS_HEADER'
  | 'DASHBOARD_OPERATOR_GROUPS'
  | 'DASHBOARD_VIEWER_GROUPS'
>;

/**
 * Decides who may log in, before anything is opened.
 * @throws CliError (2) when other machines could log in without a password.
 */
export async function openAccess(
  settings: AccessSettings,
  log: Logger,
): Promise<(stores: Stores) => Access> {
  refuseTwoWays(settings);
  const login = proxyLoginOf(settings);
  if (login !== null) return ({ tokens }) => ({ kind: 'proxy', login, tokens });
  const users = await readUsers(settings, log);
  if (users !== null) {
    return ({ redis, keys, tokens }) => ({
      kind: 'login',
      tokens,
      users,
      sessions: new SessionStore(redis, keys),
      limit: new LoginLimit(Date.now, log),
    });
  }
  await refuseOthers(settings.DASHBOARD_HOST);
  return ({ tokens }) => ({
    kind: 'open',
    tokens,
    user: { name: whoAmI(), role: 'operator' },
  });
}

function refuseTwoWays(settings: AccessSettings): void {
  const ways = (['DASHBOARD_PASSWORD', 'DASHBOARD_USERS', 'DASHBOARD_AUTH_HEADER'] as const).filter(
    (name) => settings[name] !== undefined,
  );
  if (ways.length < 2) return;
  const both = ways.length === 2 ? 'both ' : '';
  throw new CliError(EXIT.usage, `${ways.join(' and ')} are ${both}set; keep one of them.`);
}

function proxyLoginOf(settings: AccessSettings): ProxyLogin | null {
  const { DASHBOARD_AUTH_HEADER: nameHeader, DASHBOARD_TRUST_PROXY: proxies } = settings;
  if (nameHeader === undefined) return null;
  if (proxies.kind !== 'ranges') {
    throw new CliError(
      EXIT.usage,
      'DASHBOARD_AUTH_HEADER needs the addresses of the reverse proxy in DASHBOARD_TRUST_PROXY, such as 10.0.0.5: anyone else could send this header, too.',
    );
  }
  return new ProxyLogin({
    nameHeader,
    groupsHeader: settings.DASHBOARD_GROUPS_HEADER,
    operatorGroups: settings.DASHBOARD_OPERATOR_GROUPS ?? [],
    viewerGroups: settings.DASHBOARD_VIEWER_GROUPS ?? null,
  });
}

async function readUsers(
  { DASHBOARD_PASSWORD: password, DASHBOARD_USERS: path }: AccessSettings,
  log: Logger,
): Promise<Users | null> {
  if (path === undefined) return password === undefined ? null : singleOperator(password);
  try {
    return await UserFile.open(path, log);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(EXIT.usage, `DASHBOARD_USERS: ${path} cannot be used: ${why}.`);
  }
}

async function refuseOthers(host: string): Promise<void> {
  const addresses = await lookup(host, { all: true }).catch(() => []);
  const isOwn = ({ address }: { address: string }): boolean =>
    ipaddr.process(address).range() === 'loopback';
  if (addresses.length > 0 && addresses.every(isOwn)) return;
  throw new CliError(
    EXIT.usage,
    `DASHBOARD_HOST is ${host}, which other machines can reach; set DASHBOARD_PASSWORD, DASHBOARD_USERS or DASHBOARD_AUTH_HEADER, or leave DASHBOARD_HOST out.`,
  );
}
