// Uses the installed package as a library: the three examples, with programs of the package as the API and worker.

import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findFreePort, start, stop, untilSaid, withRedis } from './processes.mjs';

const root = dirname(import.meta.dirname);
const EXAMPLE_PACKAGES = ['hono', '@hono/node-server', 'bullmq', 'ioredis'];
const LONGEST_SCRIPT_MS = 120_000;
/** Its library is for ESM only. */
const ATTW = ['--profile', 'esm-only', '--exclude-entrypoints', './package.json'];

/** What other tools think of the packed types and exports. */
export function checkTypes(tarball) {
  const bin = (name) => join(root, 'node_modules', '.bin', name);
  execFileSync(bin('publint'), ['--strict', tarball], { stdio: ['ignore', 'ignore', 'inherit'] });
  execFileSync(bin('attw'), [tarball, ...ATTW], { stdio: ['ignore', 'ignore', 'inherit'] });
  console.log('publint and arethetypeswrong: nothing to say');
}

export async function tryLibrary(place, must) {
  const { folder } = place;
  must('npm', 'install', '--no-fund', '--no-audit', ...EXAMPLE_PACKAGES.map(inOurVersion));
  const installed = join(folder, 'node_modules', 'kling-sessions', 'examples');
  cpSync(join(installed, 'library'), folder, { recursive: true });
  await withRedis(place, async (redisUrl) => {
    const port = await findFreePort();
    const api = start(place, ['sandbox', '--sandbox-port', String(port), '--latency', '50'], {});
    const clips = `http://127.0.0.1:${port}`;
    const worker = example(place, 'bullmq-worker.mjs', {
      REDIS_URL: redisUrl,
      COMETAPI_KEY: 'sandbox-key',
      API_BASE_URL: `${clips}/kling`,
      PROBE_ALLOW_HOSTS: `127.0.0.1:${port}`,
    });
    const service = example(place, 'upload-service.mjs', { REDIS_URL: redisUrl, PORT: '0' });
    try {
      await untilSaid(api.stdout, 'PROBE_ALLOW_HOSTS');
      await untilSaid(worker.stdout, 'working');
      const opened = await runScript(place, redisUrl, clips);
      await upload(await untilSaid(service.stdout, /listening on (\d+)/), clips);
      const jobs = await runJob(place, redisUrl, clips);
      console.log(`library: ${opened} sessions by the script, 1 by the service, ${jobs} by BullMQ`);
    } finally {
      await Promise.all([worker, service, api].map(stop));
    }
  });
}

const inOurVersion = (name) => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return `${name}@${dependencies[name]}`;
};

const example = (place, file, settings) =>
  start({ ...place, main: join(place.folder, file) }, [], settings);

async function runScript(place, redisUrl, clips) {
  const table = `video_url,name\n${clips}/videos/good.mp4,a\n${clips}/videos/too-short.mp4,b\n`;
  writeFileSync(join(place.folder, 'table.csv'), table);
  const main = join(place.folder, 'script.mjs');
  const script = start({ ...place, main }, ['table.csv'], { REDIS_URL: redisUrl });
  const lines = (await textOf(script)).trim().split('\n').sort();
  const [first = '', second = ''] = lines;
  const isRight = /^1 succeeded \S+$/.test(first) && /^2 rejected /.test(second);
  if (!isRight) throw new Error(`The script printed:\n${lines.join('\n')}`);
  return 1;
}

async function upload([, port], clips) {
  const service = `http://127.0.0.1:${port}`;
  const table = new File([`video_url\n${clips}/videos/good.mov\n`], 'uploaded.csv');
  const form = new FormData();
  form.append('table', table);
  const { batchId } = await json(fetch(`${service}/batches`, { method: 'POST', body: form }));
  let status = {};
  const untilMs = Date.now() + LONGEST_SCRIPT_MS;
  while (status.state !== 'completed' && Date.now() < untilMs) {
    status = await json(fetch(`${service}/batches/${batchId}`));
  }
  const { rows } = await json(fetch(`${service}/batches/${batchId}/results`));
  const missing = await fetch(`${service}/batches/nothing`);
  if (rows[0]?.session === null || missing.status !== 404) {
    throw new Error(`The service answered ${JSON.stringify(rows)} and ${missing.status}.`);
  }
}

/** Runs the example of the client with a dashboard that has no batches. */
export async function tryClient(place, port) {
  const installed = join(place.folder, 'node_modules', 'kling-sessions', 'examples', 'library');
  cpSync(join(installed, 'api-client.mjs'), join(place.folder, 'api-client.mjs'));
  const client = example(place, 'api-client.mjs', { DASHBOARD_URL: `http://127.0.0.1:${port}` });
  const text = await textOf(client);
  if (text !== '0 batches\n') throw new Error(`The client printed ${text}`);
  console.log('client: reads the batches');
}

async function json(answering) {
  const answer = await answering;
  if (answer.ok) return await answer.json();
  throw new Error(`The service answered ${answer.status}: ${await answer.text()}`);
}

async function runJob({ folder }, redisUrl, clips) {
  const { Queue, QueueEvents } = createRequire(join(folder, 'x.js'))('bullmq');
  const connection = { url: redisUrl };
  const queue = new Queue('videos', { connection });
  const events = new QueueEvents('videos', { connection });
  try {
    const job = await queue.add('open', { url: `${clips}/videos/portrait-rotated.mp4` });
    const { sessionId } = await job.waitUntilFinished(events, 60_000);
    if (!/^\S+$/.test(sessionId)) throw new Error(`The job ended with ${sessionId}.`);
    return 1;
  } finally {
    await events.close();
    await queue.close();
  }
}

async function textOf(child) {
  let text = '';
  const timer = setTimeout(() => child.kill(), LONGEST_SCRIPT_MS);
  child.stdout.setEncoding('utf8');
  for await (const part of child.stdout) text += part;
  clearTimeout(timer);
  return text;
}
