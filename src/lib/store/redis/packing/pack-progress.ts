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
  lostCallTimes: z.array(z.number()).default([]),
  isCalling: z.boolean(),
  callBeganMs: z.number().nullable().default(null),
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

const packedNew = new Map<PendingState, string>();

/** `newRowProgress` as stored: the same text for every row, so it is made once for each state. */
export function packNewProgress(state: PendingState): string {
  let text = packedNew.get(state);
  if (text === undefined) {
    text = packProgress(newRowProgress(state));
    packedNew.set(state, text);
  }
  return text;
}

/** Whether `packProgress` did not make the text. */
export const isDamagedProgress = (text: string): boolean => stored.tryRead(text) === null;

/** For a damaged text it keeps the state, so that counters stay right, and assumes that a call may have been made. */
export const unpackProgress = (text: string): RowProgress =>
  stored.tryRead(text) ?? { ...newRowProgress(stateInProgress(text)), lostCalls: 1 };

/** Only the state, even of a damaged text: no other part of a progress has a field of this name. */
export const stateInProgress = (text: string): PendingState =>
  PENDING_STATES.find((state) => text.includes(`"state":"${state}"`)) ?? 'ready';
