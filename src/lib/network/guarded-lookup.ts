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
  /** Hosts and ranges that may be asked although they are not public. */
  allowHosts: readonly AllowedHost[];
  /** Ports that may be reached on public hosts. Hosts named in `allowHosts` have any port they name. */
  allowedPorts: readonly number[];
  resolveHost: ResolveHost;
  /** The setting that `allowHosts` comes from, for messages. */
  allowSetting: string;
}

/** Ports that may be reached on public hosts unless others are named. */
export const PUBLIC_PORTS: readonly number[] = [80, 443, 8080, 8443];

const SCHEME_PORTS: Record<string, number> = { 'http:': 80, 'https:': 443 };

function portOf(url: URL): number {
  return url.port === '' ? (SCHEME_PORTS[url.protocol] ?? 0) : Number(url.port);
}

/** Throws `AddressRefused` when a URL may not be opened, as far as its text tells. */
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
  // A name may resolve into an allowed range, which has every port; its lookup decides.
  const mayBeAllowed = !isIpLiteral(url) && guard.allowHosts.some(({ kind }) => kind === 'range');
  if (!mayBeAllowed) {
    checkPort(port, guard);
  }
}

/**
 * A `lookup` for one URL's connection. The socket connects to exactly the addresses that were checked,
 * so a name cannot change its mind between the check and the connection.
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
 * For a request through a proxy, which resolves the name itself: rejects with `AddressRefused` when the name leads to a
 * refused address as seen from here. A name that has no address here is left to the proxy.
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
