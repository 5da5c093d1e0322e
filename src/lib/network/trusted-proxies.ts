import ipaddr from 'ipaddr.js';
import { type AllowedHost, isAddressAllowed } from './allow-hosts.ts';

/** The senders that are our own reverse proxies, whose headers are trusted. */
export type TrustedProxies =
  | { kind: 'none' }
  /** Safe only if nothing but the proxy can connect. */
  | { kind: 'all' }
  | { kind: 'ranges'; ranges: readonly AllowedHost[] };

/** `yes`, `no`, or comma-separated addresses and CIDR ranges. @throws Error that names what cannot be read. */
export function parseTrustedProxies(text: string): TrustedProxies {
  if (text === 'no') return { kind: 'none' };
  if (text === 'yes') return { kind: 'all' };
  const entries = text.split(',').map((entry) => entry.trim());
  const ranges = entries.flatMap((entry) => rangeOf(entry) ?? []);
  if (ranges.length === entries.length) return { kind: 'ranges', ranges };
  throw new Error('must be yes, no, or addresses and ranges such as 10.0.0.5,192.168.0.0/24');
}

function rangeOf(entry: string): AllowedHost | null {
  const range = ipaddr.IPv4.isValidFourPartDecimal(entry)
    ? `${entry}/32`
    : ipaddr.IPv6.isValid(entry)
      ? `${entry}/128`
      : entry;
  return ipaddr.isValidCIDR(range) ? { kind: 'range', range: ipaddr.parseCIDR(range) } : null;
}

export function isTrusted(proxies: TrustedProxies, address: string): boolean {
  switch (proxies.kind) {
    case 'none':
      return false;
    case 'all':
      return true;
    case 'ranges':
      return isAddressAllowed(proxies.ranges, address);
  }
}
