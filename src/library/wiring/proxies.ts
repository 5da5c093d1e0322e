import { type FindProxy, proxyFinder } from '../../lib/network/find-proxy.ts';
import type { Settings } from '../../lib/settings/settings.ts';

type ProxySettings = Pick<Settings, 'HTTPS_PROXY' | 'HTTP_PROXY' | 'NO_PROXY'>;

/** The proxy for everything except probing, whose guard must know the address that it connects to. */
export const findProxyOf = (settings: ProxySettings): FindProxy =>
  proxyFinder({
    https: settings.HTTPS_PROXY,
    http: settings.HTTP_PROXY,
    except: settings.NO_PROXY,
  });
