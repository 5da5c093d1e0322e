import { z } from 'zod';
import { PENDING_STATES, type PendingState } from '../../../core/row/row.ts';
import { newRowProgress, type RowProgress } from '../../../core/row/row-progress.ts';
import { storedJson } from './stored-json.ts';

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

const stored = storedJson<RowProgress>('The progress of a row', progressSchema);

/** The text is also the version for compare-and-swap. */
export const packProgress = stored.write;

/** Whether `packProgress` did not make the text. */
export const isDamagedProgress = (text: string): boolean => stored.tryRead(text) === null;

/** For a damaged text, keeps the state so that counters stay right, and assumes that a call may have been made. */
export const unpackProgress = (text: string): RowProgress =>
  stored.tryRead(text) ?? { ...newRowProgress(stateIn(text)), lostCalls: 1 };

const stateIn = (text: string): PendingState =>
  PENDING_STATES.find((state) => text.includes(`"state":"${state}"`)) ?? 'ready';
