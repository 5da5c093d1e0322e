import http from 'node:http';

/**
 * Makes this many calls, `concurrency` at once, without probing or Redis: the limit of this machine. Returns the time
 * in s.
 */
export async function callBarely(
  apiBaseUrl: string,
  { apiKey, concurrency, calls }: { apiKey: string; concurrency: number; calls: number },
): Promise<number> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: concurrency });
  const url = `${apiBaseUrl}/v1/videos/multi-elements/init-selection`;
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  let left = calls;
  const callOneByOne = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await call(url, { agent, headers, method: 'POST' });
    }
  };
  const startedAtMs = performance.now();
  await Promise.all(Array.from({ length: concurrency }, callOneByOne));
  agent.destroy();
  return (performance.now() - startedAtMs) / 1_000;
}

const BODY = JSON.stringify({ video_id: '784912000000000001', task_id: '784912000000500001' });

async function call(url: string, options: http.RequestOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const request = http.request(url, options, (response) => {
      response.on('end', resolve).resume();
    });
    request.on('error', reject).end(BODY);
  });
}
