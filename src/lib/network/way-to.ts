import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Agents } from 'got';
import type { FindProxy } from './find-proxy.ts';
import { checkHostBehindProxy, type Guard, guardedLookup } from './guarded-lookup.ts';
import { proxyAgent } from './proxy-agent.ts';

/** These keep no connection. One kept open by another caller has passed another guard, or none. */
const DIRECT: Agents = { http: new HttpAgent(), https: new HttpsAgent() };

/**
 * The options of `got` that lead to one URL: directly, to exactly the addresses that the guard has checked; or through
 * a proxy, which is asked only for names that the guard has nothing against. `checkUrl` comes before either.
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
