import type { ChaosLab } from '../chaos-lab.ts';
import type { SeededRandom } from '../seeded-random.ts';

/** Something that happens to a lab. When `strike` resolves, it is over, or the lab's workers have to be filled up. */
export interface Fault {
  /** How often, compared with the others. */
  weight: number;
  /** `batchId` is null while its import is still under way. */
  strike: (lab: ChaosLab, random: SeededRandom, batchId: string | null) => Promise<void>;
}
