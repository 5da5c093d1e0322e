import { z } from 'zod';
import type { FailureLimit } from '../core/batch/batch.ts';
import { isZoneEverywhere, TIME_OF_DAY } from '../core/batch/daily-window.ts';
import { parseRowRanges, type RowRanges, writeRowRanges } from '../core/row/row-ranges.ts';
import { isWebAddress } from '../core/web-address.ts';
import { formatDuration, parseDuration } from '../settings/duration.ts';

/** Whole numbers; the sentence names the range. */
export function wholeNumber(min: number, max?: number): z.ZodType<number, number> {
  const error = `Use a whole number from ${min}${max === undefined ? '' : ` to ${max}`}.`;
  const fromMin = z.int(error).min(min, error);
  return max === undefined ? fromMin : fromMin.max(max, error);
}

/** A limit as people write it, `500` or `off`, which is 0. */
export const limitOrOff = (max = 1_000_000_000): z.ZodType<number, string | number> => {
  const error = `Use a whole number from 1 to ${max}, or off.`;
  return z.codec(z.union([z.string(), z.int()], error), z.custom<number>(), {
    decode: (given, context) => {
      if (given === 'off') return 0;
      const limit = /^\d{1,15}$/.test(String(given)) ? Number(given) : 0;
      if (limit >= 1 && limit <= max) return limit;
      context.issues.push({ code: 'custom', input: given, message: error });
      return z.NEVER;
    },
    encode: (limit) => limit || 'off',
  });
};

export const choice = <const Choices extends readonly string[]>(choices: Choices) =>
  z.enum(choices, `Allowed choices are ${choices.join(', ')}.`);

export const toggle = z.boolean('Use true or false.');

export const text = (error: string, maxLength = 2_000): z.ZodString =>
  z.string(error).min(1, error).max(maxLength, error);

/** Text that stands for a value: `decode` returns undefined for an invalid one. */
export const meaning = <Value>(
  error: string,
  decode: (text: string) => Value | undefined,
  encode: (value: Value) => string,
): z.ZodType<Value, string> =>
  z.codec(z.string(error), z.custom<Value>(), {
    decode: (given, context) => {
      const value = decode(given);
      if (value !== undefined) return value;
      context.issues.push({ code: 'custom', input: given, message: error });
      return z.NEVER;
    },
    encode,
  });

/** In ms, both bounds included; written as `30m` or `4h`. */
export const duration = (
  error: string,
  maxMs = Number.POSITIVE_INFINITY,
  minMs = 0,
): z.ZodType<number, string> =>
  meaning(
    error,
    (given) => {
      const durationMs = parseDuration(given) ?? -1;
      return durationMs >= minMs && durationMs <= maxMs ? durationMs : undefined;
    },
    formatDuration,
  );

/** Written as a list of rows and ranges: `7`, `12-15`. */
export const rowRanges = (error: string): z.ZodType<RowRanges, (string | number)[]> =>
  z.codec(z.array(z.union([z.string(error), z.int(error)]), error), z.custom<RowRanges>(), {
    decode: (given, context) => {
      const ranges = parseRowRanges(given.map(String));
      if (ranges !== undefined) return ranges;
      context.issues.push({ code: 'custom', input: given, message: error });
      return z.NEVER;
    },
    encode: (ranges) => writeRowRanges(ranges),
  });

export const timeOfDay = z
  .string('Use a time of day from 00:00 to 23:59, such as 06:00.')
  .regex(TIME_OF_DAY, 'Use a time of day from 00:00 to 23:59, such as 06:00.');

/** Daily hours, `HH:mm` each; written as `22:00-06:00`. */
export const hoursOfDay = meaning<{ from: string; to: string }>(
  'Use two different times of day, such as 22:00-06:00.',
  (given) => {
    const [from = '', to = '', ...more] = given.split(/[-–]/);
    const isRight = TIME_OF_DAY.test(from) && TIME_OF_DAY.test(to) && from !== to;
    return isRight && more.length === 0 ? { from, to } : undefined;
  },
  ({ from, to }) => `${from}-${to}`,
);

const ZONE_RULE = 'Use the name of a time zone, such as Asia/Taipei or UTC.';

export const timeZone = z.string(ZONE_RULE).refine(isZoneEverywhere, ZONE_RULE);

export const webhook = z
  .string('Use an address that begins with http:// or https://.')
  .max(2_000, 'Use an address of at most 2000 characters.')
  .refine(
    (given) => isWebAddress(given) && URL.canParse(given),
    'Use an address that begins with http:// or https://.',
  );

/** Written as `50%`, `50` or `off`. */
export const failureLimit = meaning<FailureLimit>(
  'Use a share such as 50%, a number of rows such as 50, or off.',
  (given) => {
    if (given === 'off') return { kind: 'off' };
    const percent = /^(\d{1,3})%$/.exec(given)?.[1];
    if (percent !== undefined && Number(percent) <= 100) {
      return { kind: 'share', percent: Number(percent) };
    }
    return /^[1-9]\d{0,9}$/.test(given) ? { kind: 'count', rows: Number(given) } : undefined;
  },
  (limit) => {
    switch (limit.kind) {
      case 'share':
        return `${limit.percent}%`;
      case 'count':
        return String(limit.rows);
      case 'off':
        return 'off';
    }
  },
);
