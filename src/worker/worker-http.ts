import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Metrics } from '../lib/metrics/metrics.ts';
import { type OpenServer, openServer } from '../lib/network/open-server.ts';
import type { Readiness } from '../lib/redis/readiness.ts';

export interface WorkerHttpOptions {
  host: string;
  /** 0 takes any free port. */
  port: number;
  metrics: Metrics;
  readiness: Readiness;
}

/**
 * The HTTP endpoints of a worker: `/metrics`, `/healthz`, `/readyz`. Rejects with a sentence when the address is not
 * available.
 */
export async function startWorkerHttp(options: WorkerHttpOptions): Promise<OpenServer> {
  const server = createServer((request, response) => {
    answer(options, request)
      .catch(() => TROUBLE)
      .then((reply) => send(response, reply, request.method === 'HEAD'))
      .catch(() => response.destroy());
  });
  const { host, port } = options;
  const settings = 'WORKER_HTTP_HOST or WORKER_HTTP_PORT';
  return await openServer(server, { host, port, who: 'The worker', settings });
}

interface Reply {
  status: number;
  body: string;
  type?: string;
}

const TROUBLE: Reply = { status: 500, body: 'Something went wrong.\n' };

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
