import { type Agent, type ClientRequest, request as httpRequest } from 'node:http';
import { type Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Request, RequestFunction } from 'got';
import got from 'got';
import type { ApiAnswer, TransportProblem } from '../core/answer/api-answer.ts';
import { type OnStop, stoppedAtDeadline } from '../network/deadline.ts';
import {
  describeTransportError,
  mayHaveBeenSent,
  transportProblemOf,
} from './transport-problem.ts';

/** A real answer has a few hundred bytes; a larger body is a web page that is not needed in full. */
const MAX_BODY_BYTES = 1_000_000;

/** For each of look-up, connecting and TLS: a host that takes longer will not answer either. */
const CONNECT_TIMEOUT_MS = 15_000;

export interface ExchangeRequest {
  url: URL;
  /** Besides those that every call has. */
  headers: Record<string, string>;
  body: string;
  /** Time limit of the whole exchange, in ms. */
  timeoutMs: number;
  /** Makes the connection, or reuses one. */
  agent: Agent;
  signal: AbortSignal;
  /** Begins the request; default `got`. */
  startPost?: StartPost;
}

/** Destroying the stream ends the request. */
export type StartPost = (request: ExchangeRequest) => Request;

/**
 * One POST, without retries or redirects. Never rejects: an error is an answer, too. Ends at most about `timeoutMs`
 * after its start, whatever the HTTP library does with the answer.
 */
export async function exchange(request: ExchangeRequest): Promise<ApiAnswer> {
  const { timeoutMs, signal } = request;
  const arrived = new Arrived();
  let stream: Request | undefined;
  let connection = { wasConnected: false };
  const read = async (onStop: OnStop): Promise<void> => {
    const started = (request.startPost ?? startPost)(request);
    stream = started;
    onStop(() => started.destroy());
    // The stream may break right after its answer, when nothing reads it any more; without a listener that would end
    // the process.
    started.on('error', () => undefined);
    connection = watchConnection(started, request.url.protocol === 'https:');
    await arrived.readFrom(started);
  };
  try {
    await stoppedAtDeadline(read, { timeoutMs, signal });
  } catch (error) {
    arrived.breakOff(signal.aborted ? new Interrupted() : error);
  }
  if (stream?.response !== undefined) {
    const { statusCode: status, headers } = stream.response;
    return { kind: 'response', status, headers, body: arrived.text, bodyProblem: arrived.problem };
  }
  return {
    kind: 'transport_error',
    wasSent: mayHaveBeenSent(arrived.error, connection.wasConnected),
    problem: transportProblemOf(arrived.error),
    message: describeTransportError(arrived.error),
  };
}

class Interrupted extends Error {
  readonly code = 'ERR_ABORTED';
}

/**
 * Sends a request without the options that are not set. The library names 30 of them, and Node copies all of them four
 * times for each request.
 */
const sendBare: RequestFunction = (url, options, onResponse) => {
  const set: Record<string, unknown> = {};
  for (const name of Object.keys(options) as (keyof typeof options)[]) {
    if (options[name] !== undefined) set[name] = options[name];
  }
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return send(url, set, onResponse);
};

/**
 * Everything that is the same for all calls, merged and checked once. There is no limit for the whole request here:
 * some answers end none of the library's own timers, and `stoppedAtDeadline` limits those, too.
 */
const client = got.extend({
  headers: {
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': 'kling-sessions',
  },
  timeout: {
    lookup: CONNECT_TIMEOUT_MS,
    connect: CONNECT_TIMEOUT_MS,
    secureConnect: CONNECT_TIMEOUT_MS,
  },
  retry: { limit: 0 },
  followRedirect: false,
  throwHttpErrors: false,
  request: sendBare,
});

const startPost: StartPost = ({ url, headers, body, agent }) =>
  client.stream.post(url, {
    headers,
    body,
    agent: { http: agent, https: agent as HttpsAgent },
  });

/** Whether there ever was a connection to which the request could be written. */
function watchConnection(stream: Request, isSecure: boolean): { readonly wasConnected: boolean } {
  const connection = { wasConnected: false };
  const note = () => {
    connection.wasConnected = true;
  };
  stream.once('request', (request: ClientRequest) => {
    request.once('socket', (socket: Socket) => {
      if (request.reusedSocket || !socket.connecting) note();
      else socket.once(isSecure ? 'secureConnect' : 'connect', note);
    });
  });
  return connection;
}

/** The part of the body that arrives. It is worth keeping: the status alone may already decide. */
class Arrived {
  readonly #chunks: Buffer[] = [];
  #sizeBytes = 0;
  problem: TransportProblem | null = null;
  error: unknown = null;

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  async readFrom(stream: Request): Promise<void> {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      this.#chunks.push(chunk.subarray(0, MAX_BODY_BYTES - this.#sizeBytes));
      this.#sizeBytes += chunk.length;
      if (this.#sizeBytes <= MAX_BODY_BYTES) continue;
      this.problem = 'too_large';
      return;
    }
  }

  breakOff(error: unknown): void {
    this.problem = transportProblemOf(error);
    this.error = error;
  }
}
