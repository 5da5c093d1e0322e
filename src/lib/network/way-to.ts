import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Agents } from 'got';
import type { FindProxy } from './find-proxy.ts';
import { checkHostBehindProxy, type Guard, guardedLookup } from './guarded-lookup.ts';
import { proxyAgent } from './proxy-agent.ts';

/**
 * These agents keep no connection. A connection left open by another caller may have been checked by another guard,
 * or by none.
 */
const DIRECT: Agents = { http: new HttpAgent(), https: new HttpsAgent() };

/**
 * The options of `got` for one URL. The connection goes directly to the addresses that the guard checked, or through
 * a proxy, which is used only for names that the guard accepts. `checkUrl` comes before either.
 */
export function wayTo(
  url: URL,
  guard: Guard | undefined,
  findProxy: FindProxy | undefined,
): { agent: Agents; dnsLookup?: LookupFunction } {
  const proxy = findProxy?.(url) ?? null;
  if (proxy === null)
    return { agent: DIRECT, ...(guard && { dnsLookup: guardedLookup(url, guard) }) };
  const agent = proxyAgent(
    proxy,
    url.protocol,
    guard && { checkHost: () => checkHostBehindProxy(url, guard) },
  );
  return { agent: { http: agent, https: agent as HttpsAgent } };
}
