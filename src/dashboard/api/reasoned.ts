import { z } from 'zod';
import type { Act } from '../../lib/batch/steer-batch.ts';
import type { DashboardContext } from '../dashboard-env.ts';

/** What every change may say of itself. */
export const reasoned = z.object({
  reason: z.string().max(500).nullable().default(null).describe('Kept in the history.'),
});

export const actOf = (context: DashboardContext, { reason }: z.output<typeof reasoned>): Act => ({
  who: context.var.user.name,
  reason: reason === '' ? null : reason,
});
