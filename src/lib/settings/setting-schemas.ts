import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { isZoneEverywhere } from '../core/batch/daily-window.ts';
import { type PostgresAddress, parsePostgresAddress } from '../database/postgres/address.ts';
import { parseTrustedProxies, type TrustedProxies } from '../network/trusted-proxies.ts';
import { parseRedisAddress } from '../redis/address.ts';

export const integer = (min: number, max: number): z.ZodType<number, string> =>
  z
    .string()
    .transform((text, context) => {
      const value = Number(text.trim());
      if (/^\d+$/.test(text.trim()) && value >= min && value <= max) return value;
      context.addIssue({ code: 'custom', message: `must be a whole number from ${min} to ${max}` });
      return z.NEVER;
    })
    .describe(`${min} to ${max}`);

const BINARY_UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

/** A number of bytes between two bounds, each a power of 1024 times a whole number. */
export function bytes(min: number, max: number): z.ZodType<number, string> {
  const inWords = (count: number, unit = 0): string =>
    count % 1_024 === 0 ? inWords(count / 1_024, unit + 1) : `${count} ${BINARY_UNITS[unit]}`;
  return integer(min, max).describe(`${inWords(min)} to ${inWords(max)}, in bytes`);
}

export const TIB = 1_024 ** 4;

export const port = integer(0, 65_535).describe('0 to 65535; 0 is any free port');

const MAX_RATE = 10_000;

export const rate: z.ZodType<number, string> = z
  .string()
  .transform((text, context) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= 0 && value <= MAX_RATE) return value;
    context.addIssue({
      code: 'custom',
      message: `must be a number from 0 (no limit) to ${MAX_RATE}`,
    });
    return z.NEVER;
  })
  .describe(`0 to ${MAX_RATE} calls per second; 0 is no limit`);

const MAX_LIMIT = 1_000_000_000;

/** 0 for off. */
export const limitOrOff: z.ZodType<number, string> = z
  .string()
  .transform((text, context) => {
    if (text.trim() === 'off') return 0;
    const value = /^\d+$/.test(text.trim()) ? Number(text) : 0;
    if (value >= 1 && value <= MAX_LIMIT) return value;
    context.addIssue({
      code: 'custom',
      message: `must be a whole number from 1 to ${MAX_LIMIT}, or off`,
    });
    return z.NEVER;
  })
  .describe(`1 to ${MAX_LIMIT}, or off`);

export const timeZone: z.ZodType<string, string> = z
  .string()
  .refine(isZoneEverywhere, 'must be the name of a time zone, such as Asia/Taipei')
  .describe('IANA time zone');

export const webAddress: z.ZodType<string, string> = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'must be an address beginning with http:// or https://',
  )
  .describe('http(s) address');

export const redisAddress = z
  .string()
  .superRefine((text, context) => {
    const parsed = parseRedisAddress(text);
    if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.problem });
  })
  .describe(
    'address: redis:// or rediss:// and a server, unix:// and a socket path, redis+cluster:// or redis+sentinel:// and several servers',
  );

export const postgresAddress: z.ZodType<PostgresAddress, string> = z
  .string()
  .transform((text, context) => {
    const parsed = parsePostgresAddress(text);
    if (parsed.ok) return parsed.address;
    context.addIssue({ code: 'custom', message: parsed.problem });
    return z.NEVER;
  })
  .describe('address: postgres://user:password@host:port/database?sslmode=…');

/** A name that no SQL has to quote. */
export const identifier = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be lower-case letters, digits and _')
  .describe('name of a schema');

/** The address of an HTTP proxy; without a scheme it is `http://`, as is usual. */
export const proxyAddress: z.ZodType<string, string> = z
  .string()
  .trim()
  .transform((given) => (given.includes('://') ? given : `http://${given}`))
  .refine(
    isProxyAddress,
    'must be the address of an HTTP proxy, such as http://proxy.example:3128 (SOCKS proxies cannot be used)',
  )
  .describe('address of an HTTP proxy');

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

export const trustedProxies: z.ZodType<TrustedProxies, string> = z
  .string()
  .transform((given, context) => {
    try {
      return parseTrustedProxies(given.trim());
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
  })
  .describe('yes, no, or comma-separated addresses and CIDR ranges');

/** The name of a header (RFC 9110, "token"). */
export const headerName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/, 'must be the name of a header, such as X-Forwarded-User')
  .describe('name of a header');

export const names: z.ZodType<string[], string> = z
  .string()
  .transform((given) => given.split(',').flatMap((name) => name.trim() || []))
  .describe('comma-separated names');

export const text = z.string().describe('text');
export const longText = (min: number): z.ZodType<string, string> =>
  z
    .string()
    .min(min, `must have at least ${min} characters`)
    .describe(`text of at least ${min} characters`);
export const shortText = (max: number): z.ZodType<string, string> =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(max, `must have at most ${max} characters`)
    .describe(`text of at most ${max} characters`);
/** Part of every key, between the braces of a hash tag. */
export const keySpace = z
  .string()
  .regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, ".", "_" or "-"')
  .describe('1 to 64 letters, digits, ".", "_" or "-"');
export const pemFile = z.string().describe('path of a PEM file');
export const host = z.string().describe('address or name of this machine');
export const hosts = z.string().describe('comma-separated hosts, host:port pairs, CIDR ranges');

export const choice = <const Choices extends readonly [string, ...string[]]>(
  choices: Choices,
): z.ZodType<Choices[number], string> =>
  z.enum(choices, 'must be one of these').describe(inWords(choices));

const inWords = (choices: readonly string[]): string =>
  choices.join(', ').replace(/, ([^,]*)$/, ' or $1');

export const folders: z.ZodType<string[], string> = z
  .string()
  .transform((given) => given.split(',').flatMap((folder) => folder.trim() || []))
  .refine((list) => list.every(isAbsolute), 'must be absolute paths')
  .describe('comma-separated absolute paths; empty is any');

/** Standard Webhooks requires 24 to 64 random bytes. */
export const webhookSecret = z
  .string()
  .trim()
  .refine((given) => {
    const bytes = Buffer.from(given.replace(/^whsec_/, ''), 'base64').length;
    return /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(given) && bytes >= 24 && bytes <= 64;
  }, 'must be whsec_ and 24 to 64 bytes in base64, as `openssl rand -base64 32` makes them')
  .describe('whsec_ and base64');

export const key = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without white space')
  .describe('text');
