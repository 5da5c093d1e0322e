import { setTimeout } from 'node:timers/promises';
import { isContainerEngineUp } from '../container-engine.ts';
import { redisSettings, startPrivateRedis } from './private-redis.ts';

const defaultImage = 'redis:7-alpine';
const redisPort = 6379;

/** An image may have to be fetched first; a network that swallows packets must not stop the tests. */
const containerTimeoutMs = 60_000;

/** A Redis for a whole test run. Disposing of it leaves nothing behind. */
export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  /** A description for the line that the user sees. */
  readonly description: string;
}

/**
 * The first one available of: the server at `TEST_REDIS_URL`, a container, a local redis-server. A container engine
 * that answers but cannot deliver (no network, no image) is skipped, unless `TEST_REDIS_IMAGE` names the image: then
 * only a container is used.
 *  *
 * @throws when there is none.
 */
export async function openTestRedis(env: NodeJS.ProcessEnv): Promise<TestRedis> {
  if (env.TEST_REDIS_URL) {
    return {
      url: env.TEST_REDIS_URL,
      description: 'the server at TEST_REDIS_URL',
      [Symbol.asyncDispose]: async () => {},
    };
  }
  if (env.TEST_REDIS_IMAGE) return await startContainer(env.TEST_REDIS_IMAGE);
  const container = (await isContainerEngineUp(env)) ? await tryContainer(defaultImage) : undefined;
  return container ?? (await openLocalServer());
}

async function tryContainer(image: string): Promise<TestRedis | undefined> {
  const starting = startContainer(image);
  try {
    return await Promise.race([starting, rejectAfter(containerTimeoutMs)]);
  } catch (error) {
    // If it starts after all, it is closed.
    starting.then((late) => late[Symbol.asyncDispose]()).catch(() => {});
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`A container engine answers, but gives no ${image}: ${reason}\n`);
    return undefined;
  }
}

async function startContainer(image: string): Promise<TestRedis> {
  // Imported here, as it takes a second to load and most runs do without.
  const { GenericContainer, Wait } = await import('testcontainers');
  const container = await new GenericContainer(image)
    // Its clients come from outside the container; without a password Redis refuses them, except with this argument.
    .withCommand(['redis-server', '--protected-mode', 'no', ...redisSettings])
    .withExposedPorts(redisPort)
    .withWaitStrategy(Wait.forLogMessage('Ready to accept connections'))
    .start();
  return {
    url: `redis://${container.getHost()}:${container.getMappedPort(redisPort)}`,
    description: `a container of ${image}`,
    [Symbol.asyncDispose]: async () => {
      await container.stop();
    },
  };
}

async function rejectAfter(delayMs: number): Promise<never> {
  await setTimeout(delayMs, undefined, { ref: false });
  throw new Error(`no answer within ${delayMs / 1_000} s`);
}

async function openLocalServer(): Promise<TestRedis> {
  const server = await startPrivateRedis();
  return {
    url: server.url,
    description: `a local redis-server on port ${server.port}`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
