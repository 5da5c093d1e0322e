import { existsSync } from 'node:fs';
import { get, type RequestOptions } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** An engine on the same machine answers in milliseconds; a hanging one must not delay the tests. */
const pingTimeoutMs = 1_000;

/**
 * Whether a container engine answers, at the addresses where testcontainers would look for one. A
 * `docker` client on the PATH says nothing: it is often installed without an engine.
 */
export async function isContainerEngineUp(env: NodeJS.ProcessEnv): Promise<boolean> {
  const address = engineAddress(env);
  return address !== undefined && (await answersPing(address));
}

function engineAddress(env: NodeJS.ProcessEnv): RequestOptions | undefined {
  if (env.DOCKER_HOST) return parseDockerHost(env.DOCKER_HOST);
  const runtimeFolder = env.XDG_RUNTIME_DIR ?? `/run/user/${process.getuid?.()}`;
  const sockets = [
    '/var/run/docker.sock',
    join(runtimeFolder, 'docker.sock'),
    join(homedir(), '.docker', 'run', 'docker.sock'),
    join(homedir(), '.docker', 'desktop', 'docker.sock'),
  ];
  const socketPath = sockets.find((path) => existsSync(path));
  return socketPath === undefined ? undefined : { socketPath };
}

/** Engines behind ssh or TLS are ignored: a test on another machine is never fast. */
function parseDockerHost(dockerHost: string): RequestOptions | undefined {
  if (!URL.canParse(dockerHost)) return undefined;
  const { protocol, hostname, port, pathname } = new URL(dockerHost);
  if (protocol === 'unix:') return { socketPath: pathname };
  if (protocol === 'tcp:' || protocol === 'http:') return { hostname, port };
  return undefined;
}

function answersPing(address: RequestOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(pingTimeoutMs);
    const request = get({ ...address, path: '/_ping', signal, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false));
  });
}
