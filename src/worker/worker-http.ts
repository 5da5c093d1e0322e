import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from '../lib/metrics/metrics.ts';
import type { Readiness } from '../lib/readiness.ts';

export interface WorkerHttpOptions {
  host: string;
  /** 0 takes any free port. */
  port: number;
  metrics: Metrics;
  readiness: Readiness;
}

export interface WorkerHttp extends AsyncDisposable {
  /** Where it listens, for example `http://127.0.0.1:9464`. */
  readonly url: string;
}

/** What machines ask a worker: `/metrics`, `/healthz`, `/readyz`. Rejects with a sentence when the address cannot be had. */
export async function startWorkerHttp(options: WorkerHttpOptions): Promise<WorkerHttp> {
  const server = createServer((request, response) => {
    answer(options, request)
      .catch(() => TROUBLE)
      .then((reply) => send(response, reply, request.method === 'HEAD'))
      .catch(() => response.destroy());
  });
  const url = await listen(server, options);
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Reply {
  status: number;
  body: string;
  type?: string;
}

const TROUBLE: Reply = { status: 500, body: 'That went wrong.\n' };

async function answer(
  { metrics, readiness }: WorkerHttpOptions,
  { method, url = '' }: IncomingMessage,
): Promise<Reply> {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: 'Only GET and HEAD.\n' };
  switch (url.split('?', 1)[0]) {
    case '/metrics':
      return { status: 200, body: await metrics.collect(), type: metrics.contentType };
    case '/healthz':
      return { status: 200, body: 'ok\n' };
    case '/readyz': {
      const why = await readiness();
      return why === null ? { status: 200, body: 'ok\n' } : { status: 503, body: `${why}\n` };
    }
    default:
      return { status: 404, body: 'There is /metrics, /healthz and /readyz.\n' };
  }
}

function send(response: ServerResponse, reply: Reply, isHead: boolean): void {
  const { status, body, type = 'text/plain; charset=utf-8' } = reply;
  response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' });
  response.end(isHead ? undefined : body);
}

async function listen(server: Server, { host, port }: WorkerHttpOptions): Promise<string> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'another program has it' : (code ?? message);
    throw new Error(
      `The worker cannot listen on ${host}, port ${port}: ${why}. Choose another with WORKER_HTTP_HOST or WORKER_HTTP_PORT (0 takes any free port).`,
      { cause: error },
    );
  }
  const { port: taken, family, address } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`;
}
