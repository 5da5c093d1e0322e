import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { videoIdentity } from '../core/video/video-identity.ts';
import { isWebAddress } from '../core/web-address.ts';

/** Digest of a manifest's path or address, by which a changed file is recognised; null for standard input. */
export async function originOf(input: string): Promise<string | null> {
  if (input === '-') return null;
  const place = isWebAddress(input) ? videoIdentity(input) : await realpath(input);
  return createHash('sha256').update(place).digest('base64url').slice(0, 16);
}
