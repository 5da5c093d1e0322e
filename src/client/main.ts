// What programs import as `kling-sessions/client`; docs/library.md describes it.

import { randomUUID } from 'node:crypto';
import createFetchClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './api-types.ts';

export type { components, paths };

export interface ClientOptions {
  /** Where the dashboard is, such as `https://sessions.example.com`. */
  baseUrl: string;
  /** What `kling-sessions tokens create` printed. Default none, for a dashboard without log-in. */
  token?: string;
  /** Default the global `fetch`. */
  fetch?: (request: Request) => Promise<Response>;
}

export type ApiClient = Client<paths>;

/**
 * A client of the dashboard's API. A call resolves with `data`, or with `error` for a refusal; it rejects when there is
 * no answer, or when the `signal` of the call is aborted. Each change has an `Idempotency-Key` of its own; to repeat a
 * change whose answer was lost, give the same key to both. A body that is a `Blob`, a buffer or a web stream is sent as
 * it is; a stream also needs `duplex: 'half'`.
 */
export function createClient({ baseUrl, token, fetch }: ClientOptions): ApiClient {
  const client = createFetchClient<paths>({
    baseUrl,
    ...(token !== undefined && { headers: { Authorization: `Bearer ${token}` } }),
    ...(fetch && { fetch }),
    bodySerializer: (body: unknown) => (isFile(body) ? body : JSON.stringify(body)),
  });
  client.use({ onRequest: ({ request, schemaPath }) => withKey(request, schemaPath) });
  return client;
}

const isFile = (body: unknown): body is Blob | ReadableStream | ArrayBuffer | ArrayBufferView =>
  body instanceof Blob ||
  body instanceof ReadableStream ||
  body instanceof ArrayBuffer ||
  ArrayBuffer.isView(body);

/** The one operation whose body is a file. */
const UPLOAD: keyof paths = '/api/v1/uploads';

/** A change without a body is sent as JSON, too: the API refuses what another site's form could send. */
function withKey(request: Request, path: string): Request | undefined {
  if (request.method === 'GET') return undefined;
  if (path === UPLOAD) request.headers.set('Content-Type', 'application/octet-stream');
  if (!request.headers.has('Idempotency-Key')) request.headers.set('Idempotency-Key', randomUUID());
  if (!request.headers.has('Content-Type')) request.headers.set('Content-Type', 'application/json');
  return request;
}
