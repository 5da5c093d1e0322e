import { type Agent, type ClientRequest, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { PhaseWatch, watchConnecting } from '../network/connect-phases.ts';

/** For each of look-up, connecting and TLS: a host that takes longer will not answer either. */
const CONNECT_TIMEOUT_MS = 15_000;

const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json',
  // Answers are too short to be worth compressing.
  'accept-encoding': 'identity',
  'user-agent': 'kling-sessions',
};

/** The parts of an address as Node's client takes them; it would derive them from a URL for every call. */
export interface Endpoint {
  protocol: string;
  hostname: string;
  port: string;
  path: string;
}

export const endpointOf = ({ protocol, hostname, port, pathname }: URL): Endpoint => ({
  protocol,
  // Node takes an IPv6 address without its brackets.
  hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
  port,
  path: pathname,
});

export interface PostRequest {
  endpoint: Endpoint;
  /** Besides those that every call has. */
  headers: Readonly<Record<string, string>>;
  body: string;
  /** Makes the connection, or reuses one. */
  agent: Agent;
}

/** A request that has begun. Its failures are `error` of the request or, once there is a response, of the response. */
export interface Posted {
  request: ClientRequest;
  /** Whether there ever was a connection to which the request could be written. */
  wasConnected: boolean;
}

/**
 * Begins a POST with Node's own client: for small answers a larger library takes three times as long. Throws if a
 * header cannot be sent.
 */
export function startPost({ endpoint, headers, body, agent }: PostRequest): Posted {
  const isTls = endpoint.protocol === 'https:';
  const request = (isTls ? requestHttps : requestHttp)({
    protocol: endpoint.protocol,
    hostname: endpoint.hostname,
    port: endpoint.port,
    path: endpoint.path,
    method: 'POST',
    agent,
    headers: { ...HEADERS, ...headers },
  });
  const posted: Posted = { request, wasConnected: false };
  request.once('socket', (socket) => {
    if (request.reusedSocket || !socket.connecting) {
      posted.wasConnected = true;
      return;
    }
    const watch = new PhaseWatch((what) => request.destroy(new NotConnected(what)));
    watchConnecting(socket, {
      isTls,
      connectMs: CONNECT_TIMEOUT_MS,
      watch,
      onConnected: () => {
        watch.end();
        posted.wasConnected = true;
      },
    });
    request.once('close', () => watch.end());
  });
  request.end(body);
  return posted;
}

class NotConnected extends Error {
  readonly code = 'ETIMEDOUT';
}
