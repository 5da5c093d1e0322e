import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { DatabaseTrouble } from '../database-trouble.ts';

const TLS_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type TlsMode = (typeof TLS_MODES)[number];

const DEFAULT_PORT = 5432;
const PARAMETERS = [
  'host',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'application_name',
  'connect_timeout',
];

/** Where a PostgreSQL server is, and who connects. */
export interface PostgresAddress {
  /** A name or address, or the folder of a Unix socket. */
  host: string;
  port: number;
  user: string;
  /** Undefined if the server asks for none, or if `~/.pgpass` has it. */
  password: string | undefined;
  database: string;
  applicationName: string;
  /** How long to wait for a connection, with its TLS and log-in. */
  connectMs: number;
  tlsMode: TlsMode;
  /** Paths of PEM files. */
  rootCertificate: string | undefined;
  certificate: string | undefined;
  key: string | undefined;
}

export type ParsedAddress = { ok: true; address: PostgresAddress } | { ok: false; problem: string };

const fail = (problem: string): ParsedAddress => ({ ok: false, problem });

/**
 * Parses `postgres://user:password@host:port/database?sslmode=…`, with the meaning that libpq and psql give it.
 * Problems quote only the names of parameters.
 */
export function parsePostgresAddress(text: string): ParsedAddress {
  // An address of a socket has no host, which `URL` refuses after a user.
  const whole = text.replace(/^([a-z]+:\/\/[^/]*@)(?=\/)/, '$1localhost');
  if (!/^postgres(ql)?:\/\//.test(whole) || !URL.canParse(whole)) {
    return fail('must be an address beginning with postgres:// or postgresql://');
  }
  const url = new URL(whole);
  const parts = decodeParts(url);
  if (parts === null) return fail('its user, password and database must be percent-encoded');
  const parameters = readParameters(url.searchParams);
  if (typeof parameters === 'string') return fail(parameters);
  const address = { ...parts, ...parameters, host: parameters.host ?? parts.host };
  if (address.user === '' || address.database === '' || address.host === '') {
    return fail('must name user, host and database: postgres://user:password@host/database');
  }
  return { ok: true, address };
}

type Parts = Pick<PostgresAddress, 'host' | 'port' | 'user' | 'password' | 'database'>;

function decodeParts(url: URL): Parts | null {
  try {
    return {
      host: decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? DEFAULT_PORT : Number(url.port),
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password) || undefined,
      database: decodeURIComponent(url.pathname.slice(1)),
    };
  } catch {
    return null;
  }
}

/** Or what is wrong with them. */
function readParameters(
  given: URLSearchParams,
): (Omit<PostgresAddress, keyof Parts> & { host: string | undefined }) | string {
  const unknown = [...given.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) {
    return `its parameter "${unknown}" is unknown; known are ${PARAMETERS.join(', ')}`;
  }
  const read = (name: string): string | undefined => given.get(name) ?? undefined;
  const tlsMode = TLS_MODES.find((mode) => mode === (read('sslmode') ?? 'prefer'));
  if (tlsMode === undefined) return `its sslmode must be one of ${TLS_MODES.join(', ')}`;
  const rootCertificate = read('sslrootcert');
  if (tlsMode === 'verify-ca' && rootCertificate === undefined) {
    return 'its sslmode=verify-ca needs sslrootcert; or use verify-full';
  }
  const connectS = read('connect_timeout') ?? '10';
  if (!/^[1-9]\d?$/.test(connectS)) return 'its connect_timeout must be 1 to 99 seconds';
  return {
    host: read('host'),
    connectMs: Number(connectS) * 1_000,
    tlsMode,
    rootCertificate,
    certificate: read('sslcert'),
    key: read('sslkey'),
    applicationName: read('application_name') ?? 'kling-sessions',
  };
}

/** Safe to show: without password and parameters. */
export const describePlace = ({ user, host, port, database }: PostgresAddress): string =>
  `postgres://${encodeURIComponent(user)}@${host.includes(':') ? `[${host}]` : host}:${port}/${encodeURIComponent(database)}`;

const isSocket = (host: string): boolean => host.startsWith('/');

/**
 * The TLS to begin with; false for none. As with libpq, `require` encrypts without checking who the server is, and
 * with a root certificate it means `verify-ca`. The default certificates are those of Node.
 * @throws DatabaseTrouble when a certificate cannot be read.
 */
export function tlsOf(address: PostgresAddress): ConnectionOptions | false {
  const { host, tlsMode, rootCertificate, certificate, key } = address;
  if (tlsMode === 'disable' || isSocket(host)) return false;
  const hasRoot = rootCertificate !== undefined && rootCertificate !== 'system';
  const options: ConnectionOptions = {
    ...(hasRoot && { ca: readPem(rootCertificate, 'sslrootcert') }),
    ...(certificate !== undefined && { cert: readPem(certificate, 'sslcert') }),
    ...(key !== undefined && { key: readPem(key, 'sslkey') }),
  };
  if (tlsMode === 'verify-full' || rootCertificate === 'system') return options;
  if (tlsMode === 'prefer' || !hasRoot) return { ...options, rejectUnauthorized: false };
  return { ...options, checkServerIdentity: () => undefined };
}

function readPem(path: string, parameter: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new DatabaseTrouble(
      'access',
      `The file of ${parameter} in RESULTS_DATABASE_URL cannot be read: ${code}.`,
    );
  }
}
