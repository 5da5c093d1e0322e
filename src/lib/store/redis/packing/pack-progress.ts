import { z } from 'zod';
import { PENDING_STATES } from '../../../core/row/row.ts';
import type { RowProgress } from '../../../core/row/row-progress.ts';

const progressSchema = z.object({
  state: z.enum(PENDING_STATES),
  attempts: z.number(),
  failedAttempts: z.array(
    z.object({
      atMs: z.number(),
      code: z.string(),
      message: z.string(),
      httpStatus: z.number().nullable(),
      requestId: z.string().nullable(),
    }),
  ),
  unconfirmed: z.number(),
  lostCalls: z.number(),
  isCalling: z.boolean(),
  probeStarts: z.number(),
  readFailures: z.number(),
  faults: z.number(),
  firstCallOpenMs: z.number().nullable(),
  writer: z.string(),
  video: z
    .object({
      durationS: z.number().exactOptional(),
      width: z.number().exactOptional(),
      height: z.number().exactOptional(),
      fps: z.number().exactOptional(),
    })
    .nullable(),
  warnings: z.array(z.string()),
}) satisfies z.ZodType<RowProgress>;

/** The text is also the version that compare-and-swap goes by. */
export const packProgress = (progress: RowProgress): string => JSON.stringify(progress);

/** Throws when the text is not what `packProgress` made. */
export const unpackProgress = (text: string): RowProgress => progressSchema.parse(JSON.parse(text));
