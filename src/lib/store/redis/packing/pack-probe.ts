import { z } from 'zod';
import type { ProbeResult } from '../../../video/prober.ts';
import { storedJson } from './stored-json.ts';

const remark = z.object({ code: z.string(), message: z.string() });
const cost = z.object({ durationMs: z.number(), requests: z.number(), bytesRead: z.number() });

const probeResult = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('video'),
    facts: z.object({
      container: z.enum(['mp4', 'mov']),
      codec: z.string(),
      width: z.number(),
      height: z.number(),
      pixelAspectRatio: z.number().exactOptional(),
      fps: z.number(),
      usualFps: z.number().exactOptional(),
      isVariableFrameRate: z.boolean(),
      durationS: z.number().nullable(),
      containerDurationS: z.number().nullable(),
      otherDurationsS: z.array(z.number()).exactOptional(),
      notes: z.array(remark),
    }),
    cost,
  }),
  z.object({ kind: z.literal('other_container'), container: z.string(), cost }),
  z.object({ kind: z.literal('no_video_track'), cost }),
  z.object({
    kind: z.literal('unreadable'),
    failure: z.object({ code: z.string(), message: z.string(), isRetryable: z.boolean() }),
    cost,
  }),
]) satisfies z.ZodType<ProbeResult>;

const stored = storedJson<ProbeResult>('What is known of a video', probeResult);

export const packProbe = stored.write;

/** Null if `packProbe` did not make the text. */
export const unpackProbe = stored.tryRead;
