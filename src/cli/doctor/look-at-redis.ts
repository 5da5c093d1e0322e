import type { Redis } from 'ioredis';
import { parseRedisAddress } from '../../lib/redis/address.ts';
import { connectRedis } from '../../lib/redis/connection.ts';
import { explainRedisTrouble, isRedisTrouble } from '../../lib/redis/trouble.ts';
import { RedisUnusable } from '../../lib/redis/unusable.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { keysOfSpace } from '../../lib/store/keys.ts';
import { DEFAULT_REDIS_URL, redisServerOf } from '../../library/wiring/redis-server.ts';
import { findRedisServer } from '../wiring/private-redis/private-redis.ts';
import type { Finding } from './finding.ts';
import { tryRights } from './try-rights.ts';

/** The server that commands use, and the program that `run` starts if no server is set. */
export async function lookAtRedis(settings: Settings): Promise<Finding[]> {
  if (settings.REDIS_URL !== undefined) return await lookAtServer(settings);
  const program = await findRedisServer().then(goodProgram, badProgram);
  const found = await lookAtServer(settings);
  if (found[0]?.grade !== 'bad') return [program, ...found];
  return [
    program,
    {
      name: 'Redis',
      grade: 'warning',
      message: `REDIS_URL is not set, and no Redis can be used at ${DEFAULT_REDIS_URL}, the default of every command but \`run\`.`,
    },
  ];
}

const goodProgram = (path: string): Finding => ({
  name: 'redis-server',
  grade: 'good',
  message: `${path}; \`run\` starts it when REDIS_URL is not set`,
});

const badProgram = (error: Error): Finding => ({
  name: 'redis-server',
  grade: 'warning',
  message: error.message,
});

async function lookAtServer(settings: Settings): Promise<Finding[]> {
  const server = redisServerOf(settings);
  let redis: Redis | undefined;
  try {
    redis = await connectRedis(server, 'kling-sessions-doctor', 'impatient');
    const info = readInfo(await redis.info());
    const [seconds] = await redis.time();
    return [
      version(info),
      await tryRights(redis, keysOfSpace(settings.REDIS_KEY_SPACE)),
      persistence(info),
      ...replicas(info, server.url),
      memory(info),
      clock(Number(seconds)),
    ];
  } catch (error) {
    return [{ name: 'Redis', grade: 'bad', message: explain(error) }];
  } finally {
    redis?.disconnect();
  }
}

function explain(error: unknown): string {
  if (error instanceof RedisUnusable) return error.message;
  if (error instanceof Error && isRedisTrouble(error)) return explainRedisTrouble(error);
  throw error;
}

type Info = ReadonlyMap<string, string>;

const readInfo = (text: string): Info =>
  new Map(
    text.split('\r\n').flatMap((line) => {
      const at = line.indexOf(':');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
    }),
  );

function version(info: Info): Finding {
  const text = info.get('valkey_version') ?? info.get('redis_version') ?? '0';
  const [major = 0, minor = 0] = text.split('.').map(Number);
  const isGood = major > 6 || (major === 6 && minor >= 2);
  return {
    name: 'Redis',
    grade: isGood ? 'good' : 'bad',
    message: isGood
      ? `version ${text}, evicts nothing`
      : `version ${text} is too old; 6.2 or later is needed.`,
  };
}

function persistence(info: Info): Finding {
  const isOn = info.get('aof_enabled') === '1';
  return {
    name: 'persistence',
    grade: isOn ? 'good' : 'warning',
    message: isOn
      ? 'append-only file is on'
      : 'append-only file is off: a crash of Redis loses rows and sessions. Set appendonly yes.',
  };
}

/**
 * INFO reports this line only while `min-replicas-to-write` is set. Measured with Sentinel: without that setting, a
 * replaced primary accepts writes for about ten more seconds and then discards them.
 */
function replicas(info: Info, url: string): Finding[] {
  const parsed = parseRedisAddress(url);
  const canFailOver = parsed.ok && parsed.address.kind === 'sentinel';
  const count = Number(info.get('connected_slaves') ?? '0');
  if (!canFailOver && count === 0) return [];
  const isSet = info.has('min_slaves_good_slaves');
  return [
    {
      name: 'replicas',
      grade: isSet ? 'good' : 'warning',
      message: isSet
        ? `${count} connected; writes stop without one (min-replicas-to-write)`
        : `${count} connected, but min-replicas-to-write is 0: a replaced primary discards about ten seconds of sessions. Set min-replicas-to-write 1 on every server.`,
    },
  ];
}

function memory(info: Info): Finding {
  const used = Number(info.get('used_memory'));
  const limit = Number(info.get('maxmemory'));
  const usedText = info.get('used_memory_human') ?? '?';
  if (limit === 0) return { name: 'memory', grade: 'good', message: `${usedText} used, no limit` };
  const percent = Math.round((used / limit) * 100);
  return {
    name: 'memory',
    grade: percent < 80 ? 'good' : 'warning',
    message: `${percent} % of maxmemory used${percent < 80 ? '' : '; when it is full, imports stop. Raise maxmemory.'}`,
  };
}

function clock(redisSeconds: number): Finding {
  const apartS = Math.abs(Date.now() / 1_000 - redisSeconds);
  return {
    name: 'clock',
    grade: apartS < 5 ? 'good' : 'warning',
    message:
      apartS < 5
        ? 'agrees with Redis'
        : `differs from Redis by ${Math.round(apartS)} s: shown times and expiries are off. Synchronise the clocks.`,
  };
}
