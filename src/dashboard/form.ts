import type { z } from 'zod';
import type { DashboardContext } from './dashboard-env.ts';

/** The fields of a form; null when they are not what the form can send. */
export async function readForm<T>(
  context: DashboardContext,
  schema: z.ZodType<T>,
): Promise<T | null> {
  const parsed = schema.safeParse(await context.req.parseBody({ all: true }));
  return parsed.success ? parsed.data : null;
}
