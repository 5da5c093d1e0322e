import type { IncomingMessage } from 'node:http';
import type { ApiAnswer, TransportProblem } from '../core/answer/api-answer.ts';
import { type OnStop, stoppedAtDeadline } from '../network/deadline.ts';
import { decoderOf } from './decoder.ts';
import { type Posted, type PostRequest, startPost } from './post.ts';
import {
  describeTransportError,
  mayHaveBeenSent,
  transportProblemOf,
} from './transport-problem.ts';

/** A real answer has a few hundred bytes; a larger body is a web page that is not needed in full. */
const MAX_BODY_BYTES = 1_000_000;

export interface ExchangeRequest extends PostRequest {
  /** Time limit of the whole exchange, in ms. */
  timeoutMs: number;
  signal: AbortSignal;
  /** Begins the request; default over HTTP. */
  startPost?: StartPost;
}

export type StartPost = (request: PostRequest) => Posted;

/**
 * One POST, without retries or redirects. Never rejects: an error is an answer, too. Ends at most about `timeoutMs`
 * after its start, whatever the HTTP library does with the answer.
 */
export async function exchange(request: ExchangeRequest): Promise<ApiAnswer> {
  const { timeoutMs, signal } = request;
  const arrived = new Arrived();
  let posted: Posted | undefined;
  const read = async (onStop: OnStop): Promise<void> => {
    const started = (request.startPost ?? startPost)(request);
    posted = started;
    onStop(() => (arrived.response ?? started.request).destroy());
    await arrived.readFrom(started);
  };
  try {
    await stoppedAtDeadline(read, { timeoutMs, signal });
  } catch (error) {
    arrived.breakOff(signal.aborted ? new Interrupted() : error);
  }
  const { response } = arrived;
  if (response !== null) {
    const { statusCode: status = 0, headers } = response;
    return { kind: 'response', status, headers, body: arrived.text, bodyProblem: arrived.problem };
  }
  return {
    kind: 'transport_error',
    wasSent: mayHaveBeenSent(arrived.error, posted?.wasConnected ?? false),
    problem: transportProblemOf(arrived.error),
    message: describeTransportError(arrived.error),
  };
}

class Interrupted extends Error {
  readonly code = 'ERR_ABORTED';
}

/** The connection was closed without an error that says why. */
class Closed extends Error {
  readonly code = 'ECONNRESET';

  constructor() {
    super('the connection was closed before the end of the answer');
  }
}

/** The part of the answer that arrives. It is worth keeping: the status alone may already decide. */
class Arrived {
  readonly #chunks: Buffer[] = [];
  #sizeBytes = 0;
  response: IncomingMessage | null = null;
  problem: TransportProblem | null = null;
  error: unknown = null;

  get text(): string {
    const [first, ...others] = this.#chunks;
    if (first === undefined) return '';
    return (others.length === 0 ? first : Buffer.concat(this.#chunks)).toString('utf8');
  }

  /** Resolves at the end of the answer, or as soon as it is too large. */
  readFrom({ request }: Posted): Promise<void> {
    return new Promise((resolve, reject) => {
      // The listeners stay: a connection may break right after its answer, and an error that nothing hears ends the
      // process.
      request.on('error', reject);
      // An answer that switches protocols comes as no event but this.
      request.once('close', () => {
        if (this.response === null) reject(new Closed());
      });
      request.once('response', (response) => {
        this.response = response;
        this.#readBody(response, resolve, reject);
      });
    });
  }

  #readBody(
    response: IncomingMessage,
    resolve: () => void,
    reject: (error: unknown) => void,
  ): void {
    const decoder = decoderOf(response.headers['content-encoding']);
    const body = decoder === null ? response : response.pipe(decoder);
    body.on('data', (chunk: Buffer) => {
      if (this.#add(chunk)) return;
      response.destroy();
      resolve();
    });
    body.once('end', resolve);
    body.on('error', reject);
    // What has arrived is decoded first.
    const decodeRest = (error: unknown): void => {
      decoder?.removeListener('end', resolve);
      decoder?.once('end', () => reject(error)).end();
    };
    const cutOff = decoder === null ? reject : decodeRest;
    response.on('error', cutOff);
    // One that is destroyed by this side has no error.
    response.once('close', () => {
      if (!response.complete) cutOff(new Closed());
    });
  }

  /** False once the body is too large. */
  #add(chunk: Buffer): boolean {
    if (this.problem !== null) return false;
    this.#chunks.push(chunk.subarray(0, MAX_BODY_BYTES - this.#sizeBytes));
    this.#sizeBytes += chunk.length;
    if (this.#sizeBytes <= MAX_BODY_BYTES) return true;
    this.problem = 'too_large';
    return false;
  }

  breakOff(error: unknown): void {
    this.problem = transportProblemOf(error);
    this.error = error;
  }
}
