import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { errorOf, readInput } from './manifest-fixture.ts';

const limits = { isRegularFile: true, maxBytes: 1_048_576, timeoutMs: 60_000 };

async function serve(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => answer(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/clips.csv?sig=secret`;
}

test('an address with more bytes than may be read is refused in one sentence, and the rest is not fetched', async () => {
  let sentBytes = 0;
  const url = await serve((response) => {
    const chunk = Buffer.alloc(65_536, 'x');
    const send = (): void => {
      if (response.destroyed) return;
      sentBytes += chunk.length;
      // Node 24 may call back before the reader in this process has had a turn.
      response.write(chunk, (error) => error ?? setImmediate(send));
    };
    send();
  });
  const error = await errorOf(readInput(url, { limits }));
  expect(error).toMatchObject({ code: 'too_large', isTransient: false });
  expect(error.message).toMatch(
    /^http:\S+clips\.csv\S* is larger than 1 MiB, the most that a schedule reads from an address; compress it with gzip, or raise DASHBOARD_UPLOAD_MAX_BYTES for the workers\.$/,
  );
  expect(error.message).not.toContain('secret');
  // The rest has piled up in the buffers of both sides.
  expect(sentBytes).toBeLessThan(16 * 1_048_576);
});

test('an address is read up to its limit, counted in bytes as received', async () => {
  const rows = `video_url\n${'https://x.example/clip.mp4\n'.repeat(100_000)}`;
  const url = await serve((response) => response.end(gzipSync(rows)));
  expect(rows.length).toBeGreaterThan(limits.maxBytes);
  expect((await readInput(url, { limits })).rows).toHaveLength(100_000);
});

test('an address whose bytes arrive too slowly is given up, and may be retried', async () => {
  const url = await serve((response) => {
    response.write('video_url\n');
    const trickling = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(trickling));
  });
  const error = await errorOf(readInput(url, { limits: { ...limits, timeoutMs: 300 } }));
  expect(error).toMatchObject({ code: 'download_failed', isTransient: true });
  expect(error.message).toContain('did not arrive within 0.005 min; check the server');
});

test.each(['pipe.csv', 'link.csv'])(
  'a pipe without a writer is refused at once, under its name or by a link (%s)',
  async (name) => {
    const folder = await mkdtemp(join(tmpdir(), 'pipe-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await promisify(execFile)('mkfifo', [join(folder, 'pipe.csv')]);
    await symlink('pipe.csv', join(folder, 'link.csv'));
    const error = await errorOf(readInput(join(folder, name), { limits }));
    expect(error.code).toBe('unreadable');
    expect(error.message).toBe(
      `${join(folder, name)} is not a regular file but a pipe, socket or device, and is not read; name a file.`,
    );
  },
);

test('a regular file is read, and a folder is distinguished from a pipe', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'regular-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'clips.csv'), 'video_url\nhttps://x.example/1.mp4\n');
  expect((await readInput(join(folder, 'clips.csv'), { limits })).rows).toHaveLength(1);
  expect((await errorOf(readInput(folder, { limits }))).code).toBe('is_directory');
});
