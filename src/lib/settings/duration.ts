import { z } from 'zod';

const UNITS_MS: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `500ms`, `20s`, `15m`, `6h`, `90d` in ms; null for anything else. A number needs a unit. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  const unitMs = UNITS_MS[match?.[2] ?? ''];
  return match === null || unitMs === undefined ? null : Number(match[1]) * unitMs;
}

/** The reverse, in the largest unit without a fraction: 43,200,000 is `12h`. */
export function formatDuration(durationMs: number): string {
  const units = Object.entries(UNITS_MS).toReversed();
  const [unit, unitMs] = units.find(([, ms]) => durationMs > 0 && durationMs % ms === 0) ?? [
    's',
    1_000,
  ];
  return `${durationMs / unitMs}${unit}`;
}

/** A duration between two bounds, both inclusive and in the form that users write. */
export const duration = (min: string, max: string): z.ZodType<number, string> =>
  z
    .string()
    .transform((text, context) => {
      const durationMs = parseDuration(text);
      const isWithin =
        durationMs !== null &&
        durationMs >= (parseDuration(min) ?? 0) &&
        durationMs <= (parseDuration(max) ?? Number.POSITIVE_INFINITY);
      if (isWithin) return durationMs;
      context.addIssue({
        code: 'custom',
        message: `must be a duration from ${min} to ${max}, such as 20s`,
      });
      return z.NEVER;
    })
    .describe(`${min} to ${max}`);

/** The first of several pauses, each twice as long as the one before, up to `max`. */
export const doubling = (min: string, max: string): z.ZodType<number, string> =>
  duration(min, max).describe(`${min} to ${max}, doubling to ${max}`);
