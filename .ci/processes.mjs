// Starts what a check needs, in a folder where the package is installed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const LONGEST_START_MS = 60_000;

/** Calls `work` with the address of an empty Redis. */
export async function withRedis({ folder }, work) {
  const port = String(await findFreePort());
  const data = mkdtempSync(join(folder, 'redis-'));
  const settings = ['--port', port, '--bind', '127.0.0.1', '--dir', data, '--appendonly', 'yes'];
  const redis = spawn('redis-server', settings, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await untilSaid(redis.stdout, 'Ready to accept connections');
    return await work(`redis://127.0.0.1:${port}`);
  } finally {
    await stop(redis);
  }
}

export function start({ node, main, folder, env }, args, settings) {
  return spawn(node, [main, ...args], { cwd: folder, env: { ...env, ...settings } });
}

export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_START_MS);
  child.kill('SIGTERM');
  const [, signal] = await once(child, 'exit');
  clearTimeout(timer);
  if (signal === 'SIGKILL') throw new Error(`${child.spawnargs.join(' ')} did not stop.`);
}

/** Resolves with what was found of the words, a text or a pattern. */
export async function untilSaid(stream, words) {
  let text = '';
  const giveUp = () => stream.destroy(new Error(`did not print "${words}" in time:\n${text}`));
  const timer = setTimeout(giveUp, LONGEST_START_MS);
  stream.setEncoding('utf8');
  try {
    for await (const part of stream.iterator({ destroyOnReturn: false })) {
      text += part;
      const found = text.match(words);
      if (found !== null) {
        stream.resume();
        return found;
      }
    }
  } finally {
    clearTimeout(timer);
  }
  throw new Error(`ended before it printed "${words}":\n${text}`);
}

export async function findFreePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
