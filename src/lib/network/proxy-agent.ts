import { once } from 'node:events';
import type { Agent, AgentOptions, ClientRequest } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { checkServerIdentity, TLSSocket } from 'node:tls';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { proxyFailure, proxyRefusal } from './proxy-error.ts';

/** From looking up the proxy's name to a TLS session with the host behind it. */
const CONNECT_TIMEOUT_MS = 15_000;

export interface ProxyAgentOptions extends AgentOptions {
  /** Checked before each connection; the request rejects with the same error. */
  checkHost?: () => Promise<void>;
}

/**
 * An agent whose connections use an HTTP proxy: for https through a tunnel (`CONNECT`), which shows the proxy only
 * host and port; for http by requesting the address from the proxy. The proxy resolves names.
 *  *
 * A request gets its socket only when it leads to the host, with TLS done. So a request that ends without a socket
 * was certainly not sent; if the proxy is to blame, it ends with a `ProxyError`.
 */
export function proxyAgent(
  proxy: URL,
  targetProtocol: string,
  options: ProxyAgentOptions = {},
): Agent {
  return targetProtocol === 'https:'
    ? new TunnelAgent(proxy, options)
    : new ForwardAgent(proxy, options);
}

type ConnectOptions = Parameters<HttpsProxyAgent<string>['connect']>[1];
type ConnectRequest = Parameters<HttpProxyAgent<string>['connect']>[0];

class TunnelAgent extends HttpsProxyAgent<string> {
  readonly #openings: Openings;

  constructor(proxy: URL, { checkHost, ...options }: ProxyAgentOptions) {
    super(proxy, options);
    this.#openings = new Openings(proxy.host, checkHost);
  }

  override async connect(request: ClientRequest, options: ConnectOptions): Promise<Socket> {
    return await this.#openings.open(request, async (signal) => {
      let status = 0;
      request.once('proxyConnect', ({ statusCode }: { statusCode: number }) => {
        status = statusCode;
      });
      const socket = await this.#openings.reach(this, signal, () =>
        super.connect(request, verifiedByHost(options)),
      );
      if (status !== 200) {
        // The library would return the proxy's answer as that of the host.
        socket.destroy();
        throw proxyRefusal(status, `${options.host}:${options.port}`, this.proxy.host);
      }
      if (socket instanceof TLSSocket) await secured(socket, signal);
      return socket;
    });
  }

  override destroy(): void {
    this.#openings.abort();
    super.destroy();
  }
}

class ForwardAgent extends HttpProxyAgent<string> {
  readonly #openings: Openings;

  constructor(proxy: URL, { checkHost, ...options }: ProxyAgentOptions) {
    super(proxy, options);
    this.#openings = new Openings(proxy.host, checkHost);
  }

  override async connect(request: ConnectRequest, options: ConnectOptions): Promise<Socket> {
    return await this.#openings.open(request, (signal) =>
      this.#openings.reach(this, signal, async () => {
        const socket = await super.connect(request, options);
        if (socket instanceof TLSSocket) await secured(socket, signal);
        return socket;
      }),
    );
  }

  override destroy(): void {
    this.#openings.abort();
    super.destroy();
  }
}

/** An agent's pending connections; each has a deadline. */
class Openings {
  readonly #pending = new Set<AbortController>();
  readonly #proxy: string;
  readonly #checkHost: (() => Promise<void>) | undefined;

  constructor(proxy: string, checkHost: (() => Promise<void>) | undefined) {
    this.#proxy = proxy;
    this.#checkHost = checkHost;
  }

  async open(
    request: ClientRequest,
    make: (signal: AbortSignal) => Promise<Socket>,
  ): Promise<Socket> {
    const ending = new AbortController();
    const { signal } = ending;
    const noTime = proxyFailure('no connection in time', this.#proxy);
    const timer = setTimeout(() => ending.abort(noTime), CONNECT_TIMEOUT_MS);
    using _watched = abortWhenDestroyed(request, ending);
    this.#pending.add(ending);
    try {
      await Promise.race([this.#checkHost?.(), aborted(signal)]);
      return await make(signal);
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      clearTimeout(timer);
      this.#pending.delete(ending);
    }
  }

  /** Lets the library connect to the proxy; it reads `connectOpts` before its first wait. */
  async reach(
    agent: Pick<HttpProxyAgent<string>, 'connectOpts'>,
    signal: AbortSignal,
    connect: () => Promise<Socket>,
  ): Promise<Socket> {
    const { connectOpts } = agent;
    agent.connectOpts = { ...connectOpts, signal };
    const connecting = connect();
    agent.connectOpts = connectOpts;
    return await connecting.catch((error: unknown) => {
      throw proxyFailure(error, this.#proxy);
    });
  }

  abort(): void {
    for (const ending of this.#pending) ending.abort();
  }
}

/**
 * A request that is destroyed before it has a socket reports nothing and waits for its agent. Applies until disposed.
 */
function abortWhenDestroyed(request: ClientRequest, ending: AbortController): Disposable {
  const { destroy } = request;
  request.destroy = (error) => {
    ending.abort(error);
    return destroy.call(request, error);
  };
  return {
    [Symbol.dispose]: () => {
      request.destroy = destroy;
    },
  };
}

/** For an address, the library names no host to check the certificate for, so `localhost` would be accepted. */
function verifiedByHost(options: ConnectOptions): ConnectOptions {
  const { host } = options;
  if (!options.secureEndpoint || host === undefined || isIP(host) === 0) return options;
  return { ...options, checkServerIdentity: (_name, cert) => checkServerIdentity(host, cert) };
}

async function secured(socket: TLSSocket, signal: AbortSignal): Promise<void> {
  // It may break once more after the last listener was removed.
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect', { signal });
}

/** Rejects when the signal is aborted, and never resolves. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
