import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { parseRedisAddress } from '../redis/address.ts';

export const integer = (min: number, max: number): z.ZodType<number, string> =>
  z.string().transform((text, context) => {
    const value = Number(text.trim());
    if (/^\d+$/.test(text.trim()) && value >= min && value <= max) return value;
    context.addIssue({ code: 'custom', message: `must be a whole number from ${min} to ${max}` });
    return z.NEVER;
  });

export const rate: z.ZodType<number, string> = z.string().transform((text, context) => {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 10_000) return value;
  context.addIssue({ code: 'custom', message: 'must be a number from 0 (no limit) to 10000' });
  return z.NEVER;
});

export const address = (...protocols: string[]): z.ZodType<string, string> =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `must be an address beginning with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    );

export const redisAddress = z
  .string()
  .refine(
    (text) => parseRedisAddress(text) !== null,
    'must be redis://host:port, rediss://host:port, unix://localhost/path, redis+cluster://host:port,host:port or redis+sentinel://host:port,host:port/name',
  );

export const text = z.string();

export const folders: z.ZodType<string[], string> = z
  .string()
  .transform((given) => given.split(',').flatMap((folder) => folder.trim() || []))
  .refine((list) => list.every(isAbsolute), 'must be absolute paths');

/** Standard Webhooks asks for 24 to 64 random bytes. */
export const webhookSecret = z
  .string()
  .trim()
  .refine((given) => {
    const bytes = Buffer.from(given.replace(/^whsec_/, ''), 'base64').length;
    return /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(given) && bytes >= 24 && bytes <= 64;
  }, 'must be whsec_ and 24 to 64 bytes in base64, as `openssl rand -base64 32` makes them');

export const key = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without white space');
