import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { test } from '../e2e/e2e-test.ts';
import type { CliProcess } from '../setup/cli-process.ts';
import { videoFolder } from '../setup/video-server.ts';

const INNOCENT_ROWS = 10;
/** The others have begun when the poisoned row strikes, but were not read yet. */
const STRIKING_MS = 500;
const READING_MS = 1_000;

/** Serves one valid video under any name; `onPoison` is called when the poisoned one is requested. */
async function serveVideos(onPoison: () => void): Promise<string> {
  const video = await readFile(join(await videoFolder(), 'good.mp4'));
  const server = createServer(async ({ url }, response) => {
    const isPoison = url?.startsWith('/poison');
    await wait(isPoison ? STRIKING_MS : READING_MS);
    if (isPoison) return onPoison();
    response.end(video);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a row that kills its worker three times fails, and no other row does', {
  timeout: 120_000,
}, async ({ place }) => {
  await place.redis();
  await place.api();
  let worker: CliProcess | undefined;
  let deaths = 0;
  const host = await serveVideos(() => {
    deaths += 1;
    worker?.kill('SIGKILL');
    worker = place.start(['worker']);
  });
  const innocents = Array.from({ length: INNOCENT_ROWS }, (_, row) => `http://${host}/${row}.mp4`);
  await place.write(
    'clips.csv',
    ['video_url', `http://${host}/poison.mp4`, ...innocents, ''].join('\n'),
  );
  place.env.PROBE_ALLOW_HOSTS = host;
  worker = place.start(['worker']);

  const id = (await place.cli(['import', 'clips.csv'])).stdout.trim();
  const status = async () => JSON.parse((await place.cli(['status', id, '--json'])).stdout);
  let batch = (await status()).batch;
  for (let looks = 0; batch.state !== 'completed' && looks < 90; looks += 1) {
    await wait(1_000);
    batch = (await status()).batch;
  }

  expect(deaths).toBe(3);
  expect(batch.counts).toMatchObject({ failed: 1, succeeded: INNOCENT_ROWS });
  const failed = await place.cli(['results', id, '--status', 'failed']);
  expect(failed.stdout).toContain('worker_died');
});
