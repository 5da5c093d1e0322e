import { type FindProxy, proxyFinder } from '../../lib/network/find-proxy.ts';
import type { Settings } from '../../lib/settings/settings.ts';

type ProxySettings = Pick<Settings, 'HTTPS_PROXY' | 'HTTP_PROXY' | 'NO_PROXY'>;

/** Through which proxy everything goes but probing, whose guard must know which address it asks. */
export const findProxyOf = (settings: ProxySettings): FindProxy =>
  proxyFinder({
    https: settings.HTTPS_PROXY,
    http: settings.HTTP_PROXY,
    except: settings.NO_PROXY,
  });
