import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** At which stage of an answer a server falls silent, and what it sends before. */
export const SILENCES = {
  'before the status line': [],
  'inside the headers': ['HTTP/1.1 200 OK\r\nContent-Type: text/'],
  'before the body': ['HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n'],
  'inside a body': ['HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n\0\0\0\x10ftyp'],
  'after a promise to go on': ['HTTP/1.1 100 Continue\r\n\r\n'],
  'after switching protocols': [
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
  ],
} as const satisfies Record<string, readonly string[]>;

export type Silence = keyof typeof SILENCES | 'inside a body that trickles';

export const ALL_SILENCES = [
  ...Object.keys(SILENCES),
  'inside a body that trickles',
] as readonly Silence[];

export interface SilentServer extends AsyncDisposable {
  /** `127.0.0.1:40123` */
  host: string;
}

/** Accepts every connection and answers none to its end. Under `https` its handshake never finishes. */
export async function silentServer(silence: Silence): Promise<SilentServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', () => fallSilent(socket, silence));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const TRICKLE_MS = 20;

function fallSilent(socket: Socket, silence: Silence): void {
  if (silence !== 'inside a body that trickles') {
    for (const text of SILENCES[silence]) socket.write(text, 'latin1');
    return;
  }
  socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n');
  const trickling = setInterval(() => socket.write('\0'), TRICKLE_MS);
  socket.once('close', () => clearInterval(trickling));
}
