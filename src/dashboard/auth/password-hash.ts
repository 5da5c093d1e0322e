import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** OWASP's advice for scrypt with 32 MiB: N = 2^15, r = 8, p = 3; about 0.3 s. */
const COST = { N: 32_768, r: 8, p: 3 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** A file of users must not demand more memory or time than a log-in may cost. */
const LARGEST_COST = { N: 1_048_576, r: 16, p: 16 };

const FORM = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([\w+/=]{8,})\$([\w+/=]{16,})$/;

/** `scrypt$N$r$p$salt$key`, salt and key in base64. Tests use a lower cost. */
export async function hashPassword(password: string, cost = COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await deriveKey(password, salt, KEY_BYTES, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64'), key.toString('base64')].join(
    '$',
  );
}

/** Whether a text is a hash that `isPasswordOf` can check. */
export const isPasswordHash = (text: string): boolean => parseHash(text) !== null;

/** Also false for anything that is not a hash. Takes the same time for every password. */
export async function isPasswordOf(hash: string, password: string): Promise<boolean> {
  const parsed = parseHash(hash);
  if (parsed === null) return false;
  const { cost, salt, key } = parsed;
  return timingSafeEqual(await deriveKey(password, salt, key.length, cost), key);
}

function parseHash(text: string): { cost: typeof COST; salt: Buffer; key: Buffer } | null {
  const match = FORM.exec(text);
  if (match === null) return null;
  const [, N, r, p, salt = '', key = ''] = match;
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const isPowerOfTwo = cost.N > 1 && (cost.N & (cost.N - 1)) === 0;
  const isPossible =
    cost.N <= LARGEST_COST.N && cost.r <= LARGEST_COST.r && cost.p <= LARGEST_COST.p;
  if (!isPowerOfTwo || !isPossible || cost.r < 1 || cost.p < 1) return null;
  return { cost, salt: Buffer.from(salt, 'base64'), key: Buffer.from(key, 'base64') };
}

async function deriveKey(
  password: string,
  salt: Buffer,
  bytes: number,
  { N, r, p }: typeof COST,
): Promise<Buffer> {
  const options: ScryptOptions = { N, r, p, maxmem: 128 * N * r * 2 };
  return await new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, bytes, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
