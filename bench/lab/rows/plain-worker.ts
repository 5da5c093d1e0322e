// The same calls without this program, as processes of their own: `bullmq <queue>` is a plain BullMQ worker that stores
// one hash field per job; `loop` has no queue at all, and `loop-http` no got either.
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { Worker } from 'bullmq';
import got from 'got';
import { Redis } from 'ioredis';

export const PLAIN_QUEUE = 'plain-rows';
export const PLAIN_RESULTS = 'plain-results';

interface PlainJob {
  video_id: string;
  task_id: string;
}

const PATH = '/v1/videos/multi-elements/init-selection';

const call = async (json: PlainJob): Promise<string> => {
  const headers = { authorization: 'Bearer bench' };
  const answer = await got.post(`${process.env.API_BASE_URL}${PATH}`, { json, headers }).json();
  return (answer as { data: { session_id: string } }).data.session_id;
};

const agent = new Agent({ keepAlive: true });

/** With Node's own client, to see what got itself costs. */
const callByNode: typeof call = async (job) => {
  const body = JSON.stringify(job);
  const headers = {
    authorization: 'Bearer bench',
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(`${process.env.API_BASE_URL}${PATH}`, { method: 'POST', agent, headers }, resolve)
      .on('error', reject)
      .end(body);
  });
  return JSON.parse(await text(response)).data.session_id;
};

async function workOff(concurrency: number): Promise<void> {
  const connection = new Redis(process.env.REDIS_URL ?? '', { maxRetriesPerRequest: null });
  const worker = new Worker<PlainJob>(
    PLAIN_QUEUE,
    async (job) => {
      await connection.hset(PLAIN_RESULTS, job.name, await call(job.data));
    },
    { connection, concurrency },
  );
  worker.on('error', (error) => console.error(error));
}

async function loop(callOnce: typeof call, concurrency: number, calls: number): Promise<void> {
  let left = calls;
  const callOneByOne = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await callOnce({ video_id: '784912000000000001', task_id: '784912000000500001' });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, callOneByOne));
}

const [, , what, concurrency, calls] = process.argv;
if (what === 'bullmq') await workOff(Number(concurrency));
if (what === 'loop') await loop(call, Number(concurrency), Number(calls));
if (what === 'loop-http') await loop(callByNode, Number(concurrency), Number(calls));
