/** One server in the form of a URL's host; an IPv6 address has no brackets. */
export interface RedisNode {
  host: string;
  port: number;
}

export interface RedisCredentials {
  username?: string;
  password?: string;
}

/** The forms in which REDIS_URL can name a Redis. */
export type RedisAddress = { credentials: RedisCredentials } & (
  | { kind: 'server'; node: RedisNode; database: number; isEncrypted: boolean }
  | { kind: 'socket'; path: string; database: number }
  | { kind: 'cluster'; nodes: RedisNode[]; isEncrypted: boolean }
  | {
      kind: 'sentinel';
      /** The sentinels, which know the primary. The credentials are sent to them, too. */
      nodes: RedisNode[];
      /** The name by which they know it. */
      name: string;
      database: number;
      isEncrypted: boolean;
    }
);

type Form = RedisAddress['kind'];

const FORMS: Readonly<Record<string, { kind: Form; isEncrypted: boolean }>> = {
  redis: { kind: 'server', isEncrypted: false },
  rediss: { kind: 'server', isEncrypted: true },
  unix: { kind: 'socket', isEncrypted: false },
  'redis+cluster': { kind: 'cluster', isEncrypted: false },
  'rediss+cluster': { kind: 'cluster', isEncrypted: true },
  'redis+sentinel': { kind: 'sentinel', isEncrypted: false },
  'rediss+sentinel': { kind: 'sentinel', isEncrypted: true },
};

const DEFAULT_PORTS = { server: 6_379, cluster: 6_379, sentinel: 26_379 } as const;

const FORM_RULE =
  'it must be redis://host:port, rediss://host:port, unix://localhost/path, redis+cluster://host:port,host:port or redis+sentinel://host:port,host:port/name';
const PASSWORD_RULE =
  'it has a user or password with a character that must be percent-encoded: write / as %2F, @ as %40, # as %23, ? as %3F, and % itself as %25';
const HOST_RULE =
  'it must name each server as host, host:port or [IPv6 address]:port, with ports from 1 to 65535';
const SOCKET_RULE =
  'it must name its socket by a whole path, as in unix:///run/redis.sock or unix://:password@localhost/run/redis.sock';
const DATABASE_RULE = 'it must name its database by a number from 0, such as /1 or ?db=1';

class Refusal extends Error {}

export type ParsedRedisAddress =
  | { ok: true; address: RedisAddress }
  /** What is wrong with it, to follow the name of the setting; it quotes nothing of the address. */
  | { ok: false; problem: string };

/**
 * `redis://user:password@host:port/database`, or with several hosts and `/name/database` for sentinels. The database
 * may also be `?db=1`; for a socket this is the only way.
 */
export function parseRedisAddress(text: string): ParsedRedisAddress {
  try {
    return { ok: true, address: parse(text.trim()) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, problem: error.message };
    throw error;
  }
}

const BEGINNING = /^(?<scheme>[a-z+]+):\/\/(?<authority>[^/?#]*)(?<rest>.*)$/s;
const REST = /^(?<path>[^?#]*)(?:\?(?<query>[^#]*))?$/;

function parse(text: string): RedisAddress {
  const { form, authority, path, query } = divide(text);
  const at = authority.lastIndexOf('@');
  const credentials = parseCredentials(authority.slice(0, Math.max(at, 0)));
  const hosts = authority.slice(at + 1);
  const database = databaseOf(query);
  switch (form.kind) {
    case 'socket':
      if (path === '') throw new Refusal(FORM_RULE);
      return { kind: 'socket', path: decode(path), database: database ?? 0, credentials };
    case 'server':
      return { ...form, ...parseServer(hosts, path, database), credentials } as RedisAddress;
    case 'cluster':
      if (!/^\/?0?$/.test(path) || (database ?? 0) !== 0) {
        throw new Refusal('it names a database, and a cluster has none');
      }
      return { ...form, nodes: parseNodes(hosts, 'cluster'), credentials } as RedisAddress;
    case 'sentinel':
      return { ...form, ...parseSentinels(hosts, path, database), credentials } as RedisAddress;
  }
}

function divide(text: string) {
  const { scheme = '', authority = '', rest = '' } = BEGINNING.exec(text)?.groups ?? {};
  const form = FORMS[scheme];
  if (form === undefined) throw new Refusal(FORM_RULE);
  if (form.kind === 'socket') checkSocketHost(authority);
  else if (rest.includes('@')) throw new Refusal(PASSWORD_RULE);
  const { path, query } = REST.exec(rest)?.groups ?? {};
  if (path === undefined) throw new Refusal(FORM_RULE);
  return { form, authority, path, query };
}

/** A socket's path holds any character, so only what stands before it can show that a password was cut short. */
function checkSocketHost(authority: string): void {
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (host.includes(':')) throw new Refusal(PASSWORD_RULE);
  if (host !== '' && host !== 'localhost') throw new Refusal(SOCKET_RULE);
}

function parseServer(hosts: string, path: string, database: number | undefined) {
  if (hosts.includes(',')) {
    throw new Refusal(
      'it names several servers; begin it with redis+cluster:// or redis+sentinel:// to say what they are',
    );
  }
  const node = parseNode(hosts === '' ? '127.0.0.1' : hosts, DEFAULT_PORTS.server);
  return { node, database: numberOf(path.slice(1)) ?? database ?? 0 };
}

function parseSentinels(hosts: string, path: string, database: number | undefined) {
  const [name = '', number = '', ...more] = path.slice(1).split('/');
  if (name === '') {
    throw new Refusal(
      "it must end with the primary's name as the sentinels know it, such as redis+sentinel://host:26379/mymaster",
    );
  }
  if (more.length > 0) throw new Refusal(DATABASE_RULE);
  return {
    nodes: parseNodes(hosts, 'sentinel'),
    name: decode(name),
    database: numberOf(number) ?? database ?? 0,
  };
}

const parseNodes = (hosts: string, kind: 'cluster' | 'sentinel'): RedisNode[] =>
  hosts.split(',').map((host) => parseNode(host, DEFAULT_PORTS[kind]));

function parseNode(text: string, defaultPort: number): RedisNode {
  const [, v6, name, port] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = v6 ?? name;
  const number = port === undefined ? defaultPort : Number(port);
  if (host === undefined || number < 1 || number > 65_535) throw new Refusal(HOST_RULE);
  return { host, port: number };
}

/** Unknown options are refused: a misspelled one would silently select another database, or no encryption. */
function databaseOf(query = ''): number | undefined {
  const options = new URLSearchParams(query);
  for (const name of options.keys()) {
    if (name !== 'db')
      throw new Refusal('it has an unknown option after the ?; only db=<number> is known');
  }
  return numberOf(options.get('db') ?? '');
}

function numberOf(text: string): number | undefined {
  if (text === '') return undefined;
  if (!/^\d{1,6}$/.test(text)) throw new Refusal(DATABASE_RULE);
  return Number(text);
}

function parseCredentials(text: string): RedisCredentials {
  const [username = '', ...rest] = text.split(':');
  const password = rest.join(':');
  return {
    ...(username !== '' && { username: decode(username) }),
    ...(password !== '' && { password: decode(password) }),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Refusal(PASSWORD_RULE);
  }
}

/**
 * The address without user and password, for messages. A password with a `/` ends the host too early; then everything
 * up to the last `@` is removed.
 */
export function redactRedisUrl(url: string): string {
  const [, scheme = '', authority = '', rest = ''] =
    /^([a-z+]+:\/\/)?([^/?#]*)(.*)$/is.exec(url) ?? [];
  const isWhole = authority === '' || authority.includes('@');
  const shown = isWhole
    ? authority.slice(authority.lastIndexOf('@') + 1) + rest
    : (authority + rest).replace(/^.*@/s, '');
  return scheme + shown.replace(/[?#].*$/s, '');
}
