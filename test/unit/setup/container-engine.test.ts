import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { isContainerEngineUp } from '../../setup/container-engine.ts';

/** Starts a server where DOCKER_HOST expects an engine. */
async function listen(answer: RequestListener): Promise<NodeJS.ProcessEnv> {
  const folder = await mkdtemp(join(tmpdir(), 'engine-'));
  const socket = join(folder, 'docker.sock');
  const server = createServer(answer).listen(socket);
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  return { DOCKER_HOST: `unix://${socket}` };
}

it('an engine that answers is recognised', async () => {
  const env = await listen((request, response) => {
    response.writeHead(request.url === '/_ping' ? 200 : 404).end();
  });
  expect(await isContainerEngineUp(env)).toBe(true);
});

it('an error counts as no engine', async () => {
  const env = await listen((_request, response) => response.writeHead(500).end());
  expect(await isContainerEngineUp(env)).toBe(false);
});

it('an engine that hangs is not waited for', async () => {
  const env = await listen(() => {});
  expect(await isContainerEngineUp(env)).toBe(false);
});

it.each([
  ['a socket that is not there', 'unix:///nowhere/docker.sock'],
  ['another machine by ssh', 'ssh://user@127.0.0.1'],
  ['no address at all', 'nonsense'],
])('no engine is seen at %s', async (_where, dockerHost) => {
  expect(await isContainerEngineUp({ DOCKER_HOST: dockerHost })).toBe(false);
});
