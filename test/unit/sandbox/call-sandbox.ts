import { expect } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/start-sandbox.ts';

export const INIT_SELECTION = '/v1/videos/multi-elements/init-selection';
export const GOOD_PAIR = { video_id: '784912345678901234', task_id: '784912345678905678' };

interface SandboxAnswer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers come in several shapes and the tests look into all of them
  json: any;
}

interface CallOptions {
  /** A path below the origin; default the relay's path. */
  path?: string;
  headers?: Record<string, string>;
  method?: string;
  signal?: AbortSignal;
}

/** One call with the default key. `body` is sent as JSON, or as it is when it is text. Rejects as `fetch` does. */
export async function callSandbox(
  sandbox: Sandbox,
  body: unknown = GOOD_PAIR,
  options: CallOptions = {},
): Promise<SandboxAnswer> {
  const method = options.method ?? 'POST';
  const response = await fetch(`${sandbox.url}${options.path ?? `/kling${INIT_SELECTION}`}`, {
    method,
    redirect: 'manual',
    signal: options.signal ?? null,
    headers: {
      authorization: 'Bearer sandbox-key',
      'content-type': 'application/json',
      ...options.headers,
    },
    ...(method === 'GET' ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: tryParse(text) };
}

/** Makes a call and disconnects once the server has received it. */
export async function callAndLeave(sandbox: Sandbox): Promise<void> {
  const leaving = new AbortController();
  const call = callSandbox(sandbox, GOOD_PAIR, { signal: leaving.signal });
  await expect.poll(() => sandbox.ledger().inFlight, { timeout: 5000 }).toBe(1);
  leaving.abort();
  await expect(call).rejects.toThrow(/aborted/);
}

/** Makes calls one after the other and returns their statuses; `lost` if no answer came or its body broke off. */
export async function callInTurn(sandbox: Sandbox, times: number): Promise<(number | 'lost')[]> {
  const statuses: (number | 'lost')[] = [];
  for (let call = 1; call <= times; call += 1) {
    statuses.push(
      await callSandbox(sandbox).then(
        (answer) => answer.status,
        () => 'lost',
      ),
    );
  }
  return statuses;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
