import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface ConnectProxyOptions {
  /** `name:password` that it asks for. */
  credentials?: string;
  /** Names that only it can resolve; all of them lead to 127.0.0.1. */
  names?: readonly string[];
  /** The status that it answers to every request instead of forwarding it. */
  status?: number;
}

/** An HTTP proxy on loopback: tunnels by `CONNECT`, and forwards http requests. */
export interface ConnectProxy extends AsyncDisposable {
  host: string;
  /** `host:port` of each tunnel that was asked for. */
  tunnels: readonly string[];
  /** The address of each request that was forwarded. */
  forwarded: readonly string[];
  /** All that came through its tunnels from the side that asked for them. */
  tunnelled(): string;
}

export async function startConnectProxy(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const tunnels: string[] = [];
  const forwarded: string[] = [];
  let tunnelled = '';
  const sockets = new Set<Duplex>();
  const server = createServer((asked, response) => {
    const status = statusFor(asked, options);
    if (status !== 200) return void response.writeHead(status).end('from the proxy');
    forwarded.push(asked.url ?? '');
    forward(asked, response, options);
  });
  server.on('connection', (socket) => track(sockets, socket));
  server.on('connect', (asked: IncomingMessage, socket: Duplex) => {
    const target = asked.url ?? '';
    tunnels.push(target);
    const status = statusFor(asked, options);
    if (status !== 200)
      return void socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
    const [, name = '', port] = /^(.*):(\d+)$/.exec(target) ?? [];
    const far = connect(Number(port), resolve(name, options), () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      socket.on('data', (data: Buffer) => {
        tunnelled += data.toString('latin1');
      });
      socket.pipe(far).pipe(socket);
    });
    track(sockets, far);
    far.on('error', () => socket.destroy());
    far.on('close', () => socket.destroy());
    socket.on('close', () => far.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels,
    forwarded,
    tunnelled: () => tunnelled,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}

function track(sockets: Set<Duplex>, socket: Socket): void {
  sockets.add(socket);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => sockets.delete(socket));
}

const resolve = (name: string, { names = [] }: ConnectProxyOptions): string =>
  names.includes(name) ? '127.0.0.1' : name.replace(/^\[|\]$/g, '');

function statusFor({ headers }: IncomingMessage, options: ConnectProxyOptions): number {
  const { credentials, status = 200 } = options;
  const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  return expected && headers['proxy-authorization'] !== expected ? 407 : status;
}

function forward(
  asked: IncomingMessage,
  response: ServerResponse,
  options: ConnectProxyOptions,
): void {
  const url = new URL(asked.url ?? '');
  const { 'proxy-authorization': _, ...headers } = asked.headers;
  const { port, pathname, search } = url;
  const there = { host: resolve(url.hostname, options), port, path: `${pathname}${search}` };
  const sent = request({ ...there, method: asked.method ?? 'GET', headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  sent.on('error', () => response.writeHead(502).end());
  asked.pipe(sent);
}
