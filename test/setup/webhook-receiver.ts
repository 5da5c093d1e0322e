import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A real receiver of webhooks on loopback. */
export interface WebhookReceiver extends AsyncDisposable {
  url: string;
  /** `host:port`, as allow lists name it. */
  host: string;
  received: readonly Received[];
  /** Resolves after this many requests. */
  waitFor(count: number): Promise<void>;
}

/** Answers 200 unless `answer` does something else; `nth` counts from 1. */
export async function startWebhookReceiver(
  answer: (response: ServerResponse, nth: number) => void = (response) => response.end('ok'),
): Promise<WebhookReceiver> {
  const received: Received[] = [];
  const watchers = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    answer(response, received.length);
    for (const watcher of watchers) watcher();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}/hooks/secret-path`,
    host,
    received,
    waitFor: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (received.length < count) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
