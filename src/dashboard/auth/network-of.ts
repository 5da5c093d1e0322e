import ipaddr from 'ipaddr.js';

const LONGEST_KEPT = 64;

/**
 * The network whose log-ins are counted together: an IPv4 address, or the /64 of an IPv6 address, which is what one
 * connection gets. An address may have a port or a zone, as proxies write them. Other text stands for itself.
 */
export function networkOf(address: string): string {
  const bare = address
    .trim()
    .replace(/^\[([^\]]*)\](:\d+)?$/, '$1')
    .replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1')
    .replace(/%.*$/, '');
  if (!ipaddr.isValid(bare)) return bare.slice(0, LONGEST_KEPT);
  const parsed = ipaddr.process(bare);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  const prefix = parsed.parts.slice(0, 4).map((part) => part.toString(16));
  return `${prefix.join(':')}::/64`;
}
