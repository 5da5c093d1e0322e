import { z } from 'zod';
import type { ProbeResult } from '../../../video/prober.ts';

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
      isVariableFrameRate: z.boolean(),
      durationS: z.number().nullable(),
      containerDurationS: z.number().nullable(),
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

export const packProbe = (result: ProbeResult): string => JSON.stringify(result);

/** Throws when the text is not what `packProbe` made. */
export const unpackProbe = (text: string): ProbeResult => probeResult.parse(JSON.parse(text));
