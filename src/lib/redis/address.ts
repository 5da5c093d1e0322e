/** One server as a URL's host names it. */
export interface RedisNode {
  host: string;
  port: number;
}

interface Credentials {
  username?: string;
  password?: string;
}

/** The ways in which REDIS_URL can say where Redis is. */
export type RedisAddress =
  | { kind: 'server'; url: string }
  | { kind: 'socket'; path: string; credentials: Credentials }
  | { kind: 'cluster'; nodes: RedisNode[]; credentials: Credentials; isEncrypted: boolean }
  | {
      kind: 'sentinel';
      /** The sentinels; they tell which server is the primary. */
      nodes: RedisNode[];
      /** What they call it. */
      name: string;
      database: number;
      /** Of the servers, and of the sentinels where these want any. */
      credentials: Credentials;
      isEncrypted: boolean;
    };

/** `rediss+sentinel://user:password@host:port,host:port/name/database`; host names or IPv4 addresses. */
const MANY = /^(redis|rediss)\+(cluster|sentinel):\/\/(?:([^@/?#]*)@)?([^@/?#]+)(?:\/([^?#]*))?$/;

const DEFAULT_PORTS = { cluster: 6_379, sentinel: 26_379 } as const;

/** Null when it is none of the forms. */
export function parseRedisAddress(text: string): RedisAddress | null {
  const many = MANY.exec(text);
  if (many !== null) return parseMany(many);
  if (!URL.canParse(text)) return null;
  const { protocol, username, password, pathname } = new URL(text);
  if (protocol === 'redis:' || protocol === 'rediss:') return { kind: 'server', url: text };
  if (protocol !== 'unix:') return null;
  const path = decodeURIComponent(pathname);
  return { kind: 'socket', path, credentials: decodeCredentials(username, password) };
}

function parseMany([
  ,
  scheme,
  form,
  user = '',
  hosts = '',
  path = '',
]: string[]): RedisAddress | null {
  const kind = form === 'cluster' ? 'cluster' : 'sentinel';
  const nodes = hosts.split(',').map((host) => parseNode(host, DEFAULT_PORTS[kind]));
  if (!nodes.every((node) => node !== null)) return null;
  const [username = '', ...rest] = user.split(':');
  const credentials = decodeCredentials(username, rest.join(':'));
  const common = { nodes, credentials, isEncrypted: scheme === 'rediss' };
  if (kind === 'cluster') return path === '' ? { kind, ...common } : null;
  const [name = '', database = '0', ...more] = path.split('/');
  if (name === '' || !/^\d{1,4}$/.test(database) || more.length > 0) return null;
  return { kind, ...common, name: decodeURIComponent(name), database: Number(database) };
}

function parseNode(text: string, defaultPort: number): RedisNode | null {
  const [, host, port] = /^([\w.-]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) return null;
  return { host, port: port === undefined ? defaultPort : Number(port) };
}

function decodeCredentials(username: string, password: string): Credentials {
  return {
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
  };
}

/** The address without user and password, for messages. */
export const redactRedisUrl = (url: string): string =>
  url.replace(/\/\/[^/]*@/, '//').replace(/\?.*$/s, '');
