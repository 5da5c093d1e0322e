import type { ChaosLab } from '../chaos-lab.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { BATCH_FAULTS } from './batch-faults.ts';
import { cutPower, FAILOVERS, REDIS_FAULTS } from './redis-faults.ts';
import { WORKER_FAULTS } from './worker-faults.ts';

const POWER_CUT_SHARE = 0.15;

/** Causes one random fault; afterwards the lab has its workers again. */
export async function strikeOnce(
  lab: ChaosLab,
  random: SeededRandom,
  batchId: string | null,
): Promise<void> {
  if (lab.hasPowerCuts && random.next() < POWER_CUT_SHARE) await cutPower(lab);
  const failovers = lab.redis.failOver === null ? [] : FAILOVERS;
  const faults = [...WORKER_FAULTS, ...BATCH_FAULTS, ...REDIS_FAULTS, ...failovers];
  let dice = random.next() * faults.reduce((sum, { weight }) => sum + weight, 0);
  const fault = faults.find(({ weight }) => {
    dice -= weight;
    return dice < 0;
  });
  await fault?.strike(lab, random, batchId);
  lab.fillWorkers();
}
