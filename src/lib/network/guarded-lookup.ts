import { lookup as systemLookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { refusalOfAddress } from './address-guard.ts';
import { AddressRefused } from './address-refused.ts';
import { type AllowedHost, hostOf, isAddressAllowed, isHostAllowed } from './allow-hosts.ts';

interface ResolvedAddress {
  address: string;
  family: number;
}

/** All addresses of a name. Rejects with the codes of `dns.lookup`. */
export type ResolveHost = (host: string) => Promise<ResolvedAddress[]>;

export const resolveBySystem: ResolveHost = (host) => systemLookup(host, { all: true });

export interface Guard {
  /** Hosts and ranges that may be contacted although they are not public. */
  allowHosts: readonly AllowedHost[];
  /** Allowed ports on public hosts. Hosts in `allowHosts` have the ports that are listed with them. */
  allowedPorts: readonly number[];
  resolveHost: ResolveHost;
  /** The setting with `allowHosts`, for messages. */
  allowSetting: string;
}

/** Allowed ports on public hosts unless others are given. */
export const PUBLIC_PORTS: readonly number[] = [80, 443, 8080, 8443];

const SCHEME_PORTS: Record<string, number> = { 'http:': 80, 'https:': 443 };

function portOf(url: URL): number {
  return url.port === '' ? (SCHEME_PORTS[url.protocol] ?? 0) : Number(url.port);
}

/** Throws `AddressRefused` if the text of a URL already shows that it may not be opened. */
export function checkUrl(url: URL, guard: Guard): void {
  if (!(url.protocol in SCHEME_PORTS)) {
    const message = `only http and https are read, not ${url.protocol.replace(':', '')}`;
    throw new AddressRefused('url_unsupported', message);
  }
  const host = hostOf(url);
  const port = portOf(url);
  if (isHostAllowed(guard.allowHosts, host, port)) {
    return;
  }
  if (isIpLiteral(url)) {
    checkAddress(host, host, guard);
    if (isAddressAllowed(guard.allowHosts, host)) {
      return;
    }
  }
  // A name may resolve into an allowed range, which allows every port; its lookup decides.
  const mayBeAllowed = !isIpLiteral(url) && guard.allowHosts.some(({ kind }) => kind === 'range');
  if (!mayBeAllowed) {
    checkPort(port, guard);
  }
}

/**
 * A `lookup` for one URL's connection. The socket connects to exactly the addresses that were checked, so a name
 * cannot change between the check and the connection.
 */
export function guardedLookup(url: URL, guard: Guard): LookupFunction {
  return (host, options, callback) => {
    resolveGuarded(host, url, guard).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all || first === undefined) {
          callback(null, addresses);
        } else {
          callback(null, first.address, first.family);
        }
      },
      (error: unknown) => callback(error as NodeJS.ErrnoException, []),
    );
  };
}

/**
 * For a request through a proxy, which resolves the name itself. Rejects with `AddressRefused` if the name resolves
 * here to a refused address. A name without an address here is left to the proxy.
 */
export async function checkHostBehindProxy(url: URL, guard: Guard): Promise<void> {
  try {
    await resolveGuarded(hostOf(url), url, guard);
  } catch (error) {
    if (error instanceof AddressRefused && error.code !== 'dns') throw error;
    if (!isHostAllowed(guard.allowHosts, hostOf(url), portOf(url))) checkPort(portOf(url), guard);
  }
}

async function resolveGuarded(host: string, url: URL, guard: Guard): Promise<ResolvedAddress[]> {
  const addresses = await guard.resolveHost(host);
  if (addresses.length === 0) {
    throw new AddressRefused('dns', `${host} has no address`);
  }
  if (isHostAllowed(guard.allowHosts, hostOf(url), portOf(url))) {
    return addresses;
  }
  for (const { address } of addresses) {
    checkAddress(address, host, guard);
  }
  if (!addresses.every(({ address }) => isAddressAllowed(guard.allowHosts, address))) {
    checkPort(portOf(url), guard);
  }
  return addresses;
}

function checkAddress(address: string, host: string, guard: Guard): void {
  const refusal = refusalOfAddress(address);
  if (refusal !== null && !isAddressAllowed(guard.allowHosts, address)) {
    const subject = address === host ? host : `${host} (${address})`;
    throw new AddressRefused(
      'address_refused',
      `${subject} is not a public address (${refusal}); add it to ${guard.allowSetting} to allow it`,
    );
  }
}

function checkPort(port: number, guard: Guard): void {
  if (!guard.allowedPorts.includes(port)) {
    throw new AddressRefused(
      'port_refused',
      `port ${port} is not read on public hosts; add host and port to ${guard.allowSetting} to allow it`,
    );
  }
}

function isIpLiteral(url: URL): boolean {
  return refusalOfAddress(hostOf(url)) !== 'malformed';
}
