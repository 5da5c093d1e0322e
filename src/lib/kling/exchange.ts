import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { Agents, Request } from 'got';
import got from 'got';
import type { ApiAnswer, TransportProblem } from '../core/answer/api-answer.ts';
import {
  describeTransportError,
  mayHaveBeenSent,
  transportProblemOf,
} from './transport-problem.ts';

/** A real answer has a few hundred bytes; what is larger is a page that nobody needs whole. */
const MAX_BODY_BYTES = 1_000_000;

/** For each of look-up, connecting and TLS: a host that takes longer is not going to answer either. */
const CONNECT_TIMEOUT_MS = 15_000;

export interface ExchangeRequest {
  url: URL;
  headers: Record<string, string>;
  body: string;
  /** For the whole exchange, in ms. */
  timeoutMs: number;
  agents: Agents;
  signal: AbortSignal;
}

/** One POST: never repeated, no redirect followed. Never rejects: an error is an answer, too. */
export async function exchange(request: ExchangeRequest): Promise<ApiAnswer> {
  const stream = got.stream.post(request.url, {
    headers: request.headers,
    body: request.body,
    agent: request.agents,
    signal: request.signal,
    timeout: {
      request: request.timeoutMs,
      lookup: CONNECT_TIMEOUT_MS,
      connect: CONNECT_TIMEOUT_MS,
      secureConnect: CONNECT_TIMEOUT_MS,
    },
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
  });
  // Told to abort right behind the answer it still breaks, and nobody reads it any more; unheard, that ends the process.
  stream.on('error', () => undefined);
  const connection = watchConnection(stream, request.url.protocol === 'https:');
  const body = await readBody(stream);
  if (stream.response !== undefined) {
    const { statusCode: status, headers } = stream.response;
    return { kind: 'response', status, headers, body: body.text, bodyProblem: body.problem };
  }
  return {
    kind: 'transport_error',
    wasSent: mayHaveBeenSent(body.error, connection.wasConnected),
    problem: transportProblemOf(body.error),
    message: describeTransportError(body.error),
  };
}

/** Tells whether there ever was a connection that the request could be written to. */
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

interface ReadBody {
  text: string;
  problem: TransportProblem | null;
  error: unknown;
}

/** What arrives of the body. A part of it is worth keeping: the status alone may already decide. */
async function readBody(stream: Request): Promise<ReadBody> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const finish = (problem: TransportProblem | null, error: unknown): ReadBody => ({
    text: Buffer.concat(chunks).toString('utf8'),
    problem,
    error,
  });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, MAX_BODY_BYTES - sizeBytes));
      sizeBytes += chunk.length;
      if (sizeBytes > MAX_BODY_BYTES) return finish('too_large', null);
    }
    return finish(null, null);
  } catch (error) {
    return finish(transportProblemOf(error), error);
  }
}
