import ipaddr from 'ipaddr.js';
import { hostOf } from './allow-hosts.ts';

/** The proxy for a URL; null for none. */
export type FindProxy = (url: URL) => URL | null;

export interface ProxyRules {
  /** For https and for http addresses: the address of an HTTP proxy, as in `HTTPS_PROXY` and `HTTP_PROXY`. */
  https: string | undefined;
  http: string | undefined;
  /**
   * What is reached without a proxy, as in `NO_PROXY`: hosts with everything below them (`example.com`,
   * `.example.com`, `*.example.com`), addresses and ranges (`10.0.0.0/8`), each with or without a port, separated by
   * commas or spaces; `*` is everything.
   */
  except: string;
}

export function proxyFinder({ https, http, except }: ProxyRules): FindProxy {
  const proxies: Record<string, string | undefined> = { 'https:': https, 'http:': http };
  const exceptions = except.toLowerCase().split(/[\s,]+/);
  return (url) => {
    const proxy = proxies[url.protocol];
    if (proxy === undefined) return null;
    return exceptions.some((entry) => isNamedBy(entry, url)) ? null : new URL(proxy);
  };
}

const PORTS: Record<string, string> = { 'https:': '443', 'http:': '80' };

function isNamedBy(entry: string, url: URL): boolean {
  if (entry === '' || entry === '*') return entry === '*';
  const host = hostOf(url);
  // Without brackets, the last part of an IPv6 address is not a port.
  const isBareIPv6 = ipaddr.IPv6.isValid(entry) || entry.includes('/');
  const [, name = '', port] = isBareIPv6 ? ['', entry] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []);
  if (port !== undefined && port !== (url.port || PORTS[url.protocol])) return false;
  return isInside(name.replace(/^\[|\]$/g, ''), host);
}

function isInside(name: string, host: string): boolean {
  if (ipaddr.isValid(host)) return isAddressInside(name, ipaddr.process(host));
  const domain = name.replace(/^\*?\./, '').replace(/\.$/, '');
  return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
}

function isAddressInside(name: string, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (ipaddr.isValid(name)) return ipaddr.process(name).toString() === address.toString();
  if (!ipaddr.isValidCIDR(name)) return false;
  const [network, bits] = ipaddr.parseCIDR(name);
  return (
    network.kind() === address.kind() && address.match([network, bits] as [ipaddr.IPv4, number])
  );
}
