import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cpuTimeOf } from '../cpu-time.ts';

/** An API that does nothing but answer with a new session, in a process of its own. */
export interface FastApi extends Disposable {
  baseUrl: string;
  /** Answers so far. */
  count(): Promise<number>;
  /** Resolves once there are this many answers. */
  answered(calls: number): Promise<void>;
  /** CPU time that it has used so far, in s. */
  cpuTimeS(): number;
}

const LOOK_MS = 20;

/** Each answer takes `latencyMs`. */
export async function startFastApi(latencyMs: number): Promise<FastApi> {
  const child = fork(fileURLToPath(import.meta.url), ['serve', String(latencyMs)]);
  const port = await nextNumber(child);
  const count = async (): Promise<number> => {
    child.send('count');
    return await nextNumber(child);
  };
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    count,
    answered: async (calls) => {
      while ((await count()) < calls) await wait(LOOK_MS);
    },
    cpuTimeS: () => cpuTimeOf(child.pid ?? 0)?.own ?? Number.NaN,
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}

async function nextNumber(child: ChildProcess): Promise<number> {
  const [number] = (await once(child, 'message')) as [number];
  return number;
}

let answers = 0;

/** Without the HTTP server of Node, which costs half as much again and takes it from the measured processes. */
async function serve(latencyMs: number): Promise<void> {
  const server = createServer({ noDelay: true }, (socket) => answerAll(socket, latencyMs));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  process.on('message', () => process.send?.(answers));
  // The bench that started it may have been killed.
  process.on('disconnect', () => process.exit());
  process.send?.((server.address() as AddressInfo).port);
}

/** A client sends its next request when it has the answer to the one before. */
function answerAll(socket: Socket, latencyMs: number): void {
  let request = '';
  socket.setEncoding('latin1');
  socket.on('error', () => undefined);
  socket.on('data', (text: string) => {
    request += text;
    if (!isComplete(request)) return;
    request = '';
    setTimeout(() => socket.write(nextAnswer(), 'latin1'), latencyMs);
  });
}

function isComplete(request: string): boolean {
  const headerEnd = request.indexOf('\r\n\r\n');
  if (headerEnd < 0) return false;
  const [, length = '0'] = /content-length: *(\d+)/i.exec(request) ?? [];
  return request.length >= headerEnd + 4 + Number(length);
}

function nextAnswer(): string {
  answers += 1;
  const body = JSON.stringify({
    code: 0,
    message: 'SUCCEED',
    request_id: `request-${answers}`,
    data: { status: 0, session_id: String(784_913_000_000_000_000n + BigInt(answers)) },
  });
  const headers = [
    'HTTP/1.1 200 OK',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Connection: keep-alive',
    'Keep-Alive: timeout=60',
  ];
  return `${headers.join('\r\n')}\r\n\r\n${body}`;
}

if (process.argv[2] === 'serve') await serve(Number(process.argv[3]));
