import ipaddr from 'ipaddr.js';

/** One entry in the list of hosts that may be contacted although they are not public. */
export type AllowedHost =
  /** `port` null: any port. `host` is lower case, without brackets or final dot. */
  | { kind: 'host'; host: string; port: number | null }
  | { kind: 'range'; range: [ipaddr.IPv4 | ipaddr.IPv6, number] };

/**
 * Parses a comma-separated list of hosts, `host:port` pairs and CIDR ranges. IPv6 addresses are in brackets when a
 * port follows. Throws an Error that names every unreadable entry.
 */
export function parseAllowHosts(text: string): AllowedHost[] {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const parsed = entries.map((entry) => ({ entry, allowed: parseEntry(entry) }));
  const bad = parsed.filter(({ allowed }) => allowed === null).map(({ entry }) => `"${entry}"`);
  if (bad.length > 0) {
    throw new Error(
      `cannot read ${bad.join(', ')}: expected a host (media.example), a host and port (media.example:9000, [::1]:9000) or a range (10.0.0.0/8)`,
    );
  }
  return parsed.flatMap(({ allowed }) => allowed ?? []);
}

function parseEntry(entry: string): AllowedHost | null {
  if (entry.includes('/')) {
    return ipaddr.isValidCIDR(entry) ? { kind: 'range', range: ipaddr.parseCIDR(entry) } : null;
  }
  if (ipaddr.IPv6.isValid(entry)) {
    return { kind: 'host', host: normalHost(`[${entry}]`) ?? entry, port: null };
  }
  const [, name = '', portText] = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(entry) ?? [];
  const host = normalHost(name);
  const port = portText === undefined ? null : Number(portText);
  const isPortRight = port === null || (port > 0 && port < 65_536);
  return host === null || !isPortRight ? null : { kind: 'host', host, port };
}

/** Spelled as `URL` spells hosts, so that `127.1` and `LOCALHOST.` mean the same as in a URL. */
function normalHost(name: string): string | null {
  const isPlain = /^[^\s/?#@\\]+$/.test(name);
  return isPlain && URL.canParse(`http://${name}/`) ? hostOf(new URL(`http://${name}/`)) : null;
}

/** A URL's host without the brackets of IPv6 and without the final dot of a complete name. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

/** Whether the list names this host, with this port or any. */
export function isHostAllowed(list: readonly AllowedHost[], host: string, port: number): boolean {
  return list.some(
    (entry) =>
      entry.kind === 'host' && entry.host === host && (entry.port === null || entry.port === port),
  );
}

/** Whether a range of the list holds this address, even if it is written as an IPv6 address. */
export function isAddressAllowed(list: readonly AllowedHost[], address: string): boolean {
  if (!ipaddr.isValid(address)) {
    return false;
  }
  const parsed = ipaddr.process(address);
  return list.some(
    (entry) =>
      entry.kind === 'range' &&
      entry.range[0].kind() === parsed.kind() &&
      parsed.match(entry.range as [ipaddr.IPv4, number]),
  );
}
