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

export const redisAddress = z.string().superRefine((text, context) => {
  const parsed = parseRedisAddress(text);
  if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.problem });
});
/** The address of an HTTP proxy; without a scheme it is `http://`, as is usual. */
export const proxyAddress: z.ZodType<string, string> = z
  .string()
  .trim()
  .transform((given) => (given.includes('://') ? given : `http://${given}`))
  .refine(
    isProxyAddress,
    'must be the address of an HTTP proxy, such as http://proxy.example:3128 (SOCKS proxies cannot be used)',
  );

function isProxyAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, pathname, search, username, password } = new URL(address);
  try {
    decodeURIComponent(username + password);
  } catch {
    return false;
  }
  return ['http:', 'https:'].includes(protocol) && `${pathname}${search}` === '/';
}

export const text = z.string();

export const folders: z.ZodType<string[], string> = z
  .string()
  .transform((given) => given.split(',').flatMap((folder) => folder.trim() || []))
  .refine((list) => list.every(isAbsolute), 'must be absolute paths');

/** Standard Webhooks requires 24 to 64 random bytes. */
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
