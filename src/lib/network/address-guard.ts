import ipaddr from 'ipaddr.js';

/** Addresses that look public and serve a cloud's own machines. */
const METADATA_ADDRESSES = new Set(['168.63.129.16']);
/** All of IPv6 that is routed between networks (RFC 4291, 2.4). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
/** Translated addresses (RFC 6052): the last 32 bits are the IPv4 address that is actually reached. */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/**
 * Why an address must not be contacted, in one or two words (`loopback`, `private` …); null for a public address.
 * `address` is in a resolver's form; anything else is refused as `malformed`.
 */
export function refusalOfAddress(address: string): string | null {
  if (!ipaddr.isValid(address)) {
    return 'malformed';
  }
  const parsed = ipaddr.parse(address);
  return parsed instanceof ipaddr.IPv6 ? refusalOfIPv6(parsed) : refusalOfIPv4(parsed);
}

function refusalOfIPv4(address: ipaddr.IPv4): string | null {
  if (METADATA_ADDRESSES.has(address.toString())) {
    return 'cloud metadata';
  }
  const range = address.range();
  return range === 'unicast' ? null : words(range);
}

function refusalOfIPv6(address: ipaddr.IPv6): string | null {
  if (address.isIPv4MappedAddress()) {
    return refusalOfIPv4(address.toIPv4Address());
  }
  if (address.match(NAT64)) {
    return refusalOfIPv4(new ipaddr.IPv4(address.toByteArray().slice(-4)));
  }
  const range = address.range();
  if (range !== 'unicast') {
    return words(range);
  }
  return address.match(GLOBAL_UNICAST) ? null : 'reserved';
}

/** `carrierGradeNat` → `carrier grade nat`. */
function words(range: string): string {
  return range.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
