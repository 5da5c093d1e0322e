import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import ipaddr from 'ipaddr.js';
import type { Logger } from 'pino';
import type { Access } from '../../dashboard/auth/access.ts';
import { LoginLimit } from '../../dashboard/auth/login-limit.ts';
import { SessionStore } from '../../dashboard/auth/session-store.ts';
import { parseUserFile, singleOperator, type Users, usersOf } from '../../dashboard/auth/users.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { CliError, EXIT } from '../process/exit.ts';
import { whoAmI } from '../process/who.ts';
import type { Stores } from './stores.ts';

type AccessSettings = Pick<Settings, 'DASHBOARD_HOST' | 'DASHBOARD_PASSWORD' | 'DASHBOARD_USERS'>;

/**
 * Decides who may log in, before anything is opened.
 * @throws CliError (2) when other machines could log in without a password.
 */
export async function openAccess(
  settings: AccessSettings,
  log: Logger,
): Promise<(stores: Stores) => Access> {
  const users = await readUsers(settings);
  if (users !== null) {
    return ({ redis, keys }) => ({
      kind: 'login',
      users,
      sessions: new SessionStore(redis, keys),
      limit: new LoginLimit(Date.now, log),
    });
  }
  await refuseOthers(settings.DASHBOARD_HOST);
  return () => ({ kind: 'open', user: { name: whoAmI(), role: 'operator' } });
}

async function readUsers(settings: AccessSettings): Promise<Users | null> {
  const { DASHBOARD_PASSWORD: password, DASHBOARD_USERS: path } = settings;
  if (path === undefined) return password === undefined ? null : singleOperator(password);
  if (password !== undefined) {
    throw new CliError(
      EXIT.usage,
      'DASHBOARD_PASSWORD and DASHBOARD_USERS are both set; keep one of them.',
    );
  }
  try {
    return usersOf(parseUserFile(await readFile(path, 'utf8')));
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
    `DASHBOARD_HOST is ${host}, which other machines can reach; set DASHBOARD_PASSWORD or DASHBOARD_USERS, or leave DASHBOARD_HOST out.`,
  );
}
