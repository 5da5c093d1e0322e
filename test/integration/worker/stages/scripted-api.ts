import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `reset`: the connection is cut after the whole request was read. */
export type Answer = { status: number; body: unknown; headers?: Record<string, string> } | 'reset';

/** The answer that opens session `session-<nth>`. */
export const opens = (nth: number): Answer => ({
  status: 200,
  body: { code: 0, message: 'SUCCEED', data: { status: 0, session_id: `session-${nth}` } },
});

export const fails = (status: number, code: number | string, message: string): Answer => ({
  status,
  body: { code, message },
});

/** The API on loopback. A test decides what each call is answered with, and what happens before the answer. */
export class ScriptedApi implements AsyncDisposable {
  /** Called once the request of call `nth` (from 1) has arrived. Default: every call opens a session. */
  answer: (nth: number) => Answer | Promise<Answer> = opens;
  calls = 0;
  baseUrl = '';
  readonly #server = createServer((request, response) => this.#serve(request, response));

  static async start(): Promise<ScriptedApi> {
    const api = new ScriptedApi();
    api.#server.listen(0, '127.0.0.1');
    await once(api.#server, 'listening');
    const { port } = api.#server.address() as AddressInfo;
    api.baseUrl = `http://127.0.0.1:${port}/kling`;
    return api;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    await once(request, 'end');
    this.calls += 1;
    const answer = await this.answer(this.calls);
    if (answer === 'reset') {
      request.socket.destroy();
      return;
    }
    const { status, body, headers } = answer;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
