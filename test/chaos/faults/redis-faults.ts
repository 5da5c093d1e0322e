import { stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { tell } from '../../setup/redis/redis-groups.ts';
import type { ChaosLab } from '../chaos-lab.ts';
import type { LabServer } from '../redis/lab-redis.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { Fault } from './fault.ts';
import { expectToStop, someWorker } from './worker-faults.ts';

/** Sentinel and cluster replace a primary after 5 s. */
const LONGEST_FROZEN_MS = 13_000;
const LONGEST_AWAY_MS = { server: 4_000, sentinel: 12_000, cluster: 12_000 } as const;
const LONGEST_FULL_MS = 6_000;
const LONGEST_CUT_MS = 8_000;

export const REDIS_FAULTS: readonly Fault[] = [
  { weight: 3, strike: killRedis },
  { weight: 1, strike: freezeRedis },
  { weight: 2, strike: stopWorkerWithoutRedis },
  { weight: 2, strike: fillRedis },
  { weight: 2, strike: cutConnections },
  { weight: 1, strike: silenceConnections },
];

/** Where a replica can take over. */
export const FAILOVERS: readonly Fault[] = [
  { weight: 5, strike: failOver },
  { weight: 3, strike: freezeRedis },
];

async function killRedis(lab: ChaosLab, random: SeededRandom): Promise<void> {
  const awayMs = random.between(0, LONGEST_AWAY_MS[lab.redis.kind]);
  await lab.strikePrimary(`SIGKILL Redis, away for ${awayMs} ms`, async ({ redis }) => {
    await redis.kill();
    await wait(awayMs);
    await redis.restart();
  });
}

async function stopWorkerWithoutRedis(lab: ChaosLab, random: SeededRandom): Promise<void> {
  const worker = someWorker(lab, random);
  const what = `SIGKILL Redis, SIGTERM worker ${worker.pid} meanwhile`;
  await lab.strikePrimary(what, async ({ redis }) => {
    await redis.kill();
    await wait(random.between(0, 1_000));
    await expectToStop(lab, worker, 'SIGTERM');
    await redis.restart();
  });
}

async function freezeRedis(lab: ChaosLab, random: SeededRandom): Promise<void> {
  const frozenMs = random.between(500, LONGEST_FROZEN_MS);
  await lab.strikePrimary(`SIGSTOP Redis for ${frozenMs} ms`, async ({ redis }) => {
    redis.signal('SIGSTOP');
    await wait(frozenMs);
    redis.signal('SIGCONT');
  });
}

async function failOver(lab: ChaosLab): Promise<void> {
  await lab.strikePrimary('a planned failover', async () => await lab.redis.failOver?.());
}

/** What it has is all that it may have, as when another program has filled it. */
async function fillRedis(lab: ChaosLab, random: SeededRandom): Promise<void> {
  const fullMs = random.between(500, LONGEST_FULL_MS);
  await lab.strikePrimary(`Redis is full for ${fullMs} ms`, async ({ redis }) => {
    await tell(redis.url, 'CONFIG', 'SET', 'maxmemory', '1mb');
    await wait(fullMs);
    await tell(redis.url, 'CONFIG', 'SET', 'maxmemory', '0');
  });
}

/** Only the primary cannot be reached, or no server: then those of a group do not reach each other either. */
async function cutConnections(lab: ChaosLab, random: SeededRandom): Promise<void> {
  const cutMs = random.between(0, LONGEST_CUT_MS);
  const isOne = random.next() < 0.5;
  const what = `the network to ${isOne ? 'the primary' : 'Redis'} is cut for ${cutMs} ms`;
  await lab.strikePrimary(what, async (primary) => {
    const cut = isOne ? [primary] : lab.redis.servers;
    for (const { proxy } of cut) proxy.cut();
    await wait(cutMs);
    for (const { proxy } of cut) proxy.open();
  });
}

/** As a firewall does that forgets connections: both ends wait for an answer. */
async function silenceConnections(lab: ChaosLab, random: SeededRandom): Promise<void> {
  const silentMs = random.between(1_000, LONGEST_CUT_MS);
  const what = 'all open connections to Redis fall silent';
  await lab.strikePrimary(what, async () => {
    for (const { proxy } of lab.redis.servers) proxy.fallSilent();
    await wait(silentMs);
  });
}

/** What was written within the last second is lost, as with `appendfsync everysec` when the machine dies. */
export async function cutPower(lab: ChaosLab): Promise<void> {
  const lose = async ({ redis }: LabServer): Promise<void> => {
    const file = join(redis.folder, 'appendonlydir', 'appendonly.aof.1.incr.aof');
    const { size } = await stat(file);
    await wait(900);
    await redis.kill();
    await truncate(file, size);
    await redis.restart();
  };
  await lab.strikePrimary('power cut: Redis loses the last 900 ms', lose);
}
