// A program that has BullMQ workers of its own, and opens sessions beside them: a job of its queue `videos` names a
// video, and ends with the session of that video.
//
//   npm install kling-sessions bullmq ioredis
//   REDIS_URL=redis://… COMETAPI_KEY=sk-… node bullmq-worker.mjs

import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { connect, startWorker } from 'kling-sessions';

const { REDIS_URL: url = 'redis://127.0.0.1:6379' } = process.env;
const stop = new AbortController();
const { signal } = stop;

const log = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [
    level,
    (fields, message) => level !== 'debug' && console.error(level, message, JSON.stringify(fields)),
  ]),
);
const sessionWorker = await startWorker({ settings: process.env, log, signal });
const sessions = await connect({ settings: process.env });

// BullMQ 6 needs a client: it no longer brings ioredis along.
const connection = new Redis(url, { maxRetriesPerRequest: null });
const ownWorker = new Worker(
  'videos',
  async (job) => {
    // The same job makes the same batch, so a repeated attempt opens no second session.
    const source = { rows: [{ video_url: job.data.url }], name: `job-${job.id}` };
    const { batchId } = await sessions.importManifest(source, { signal });
    await sessions.wait(batchId, { signal });
    for await (const row of sessions.results({ batchId, signal })) {
      if (row.session === null) throw new Error(row.error?.message ?? row.status);
      return { sessionId: row.session.id, expiresAt: row.session.expiresAt };
    }
  },
  { connection },
);
console.log('working');

process.once('SIGTERM', async () => {
  stop.abort();
  await ownWorker.close();
  await sessionWorker.stopped;
  await sessions.close();
  // BullMQ closes only connections that it has made itself.
  connection.disconnect();
});
