import type { Signature, SignedAddress } from './signature.ts';
import { hexSecondsToMs, isHex } from './signature-times.ts';

/**
 * `auth_key`, `sign` or `token` is either `{time}-{random}-{user}-{hash}` (type A), or a hash beside a time (types D and
 * F). That is the time of signing, and the lifetime is part of a configuration; only Tencent VOD (EdgeOne: type V)
 * writes the end. What VOD adds to limit the viewing (`exper`) makes another video.
 * Source: https://www.tencentcloud.com/document/product/228/35225 and …/266/33986; Alibaba's "Type A signing".
 */
export function readHashed({ query }: SignedAddress): Signature | null {
  for (const name of ['auth_key', 'sign', 'token']) {
    const value = query.get(name);
    if (/^\d{10}-[\da-z]{0,100}-[\da-z]+-[\da-f]{32}$/i.test(value ?? '')) {
      return { endsAtMs: null, parameters: [name] };
    }
    if (!isHex(value, 32)) continue;
    const time = ['t', 'time'].find((part) => /^(\d{10}|[\da-f]{8})$/.test(query.get(part) ?? ''));
    if (time === undefined) continue;
    const isVod = ['us', 'rlimit', 'exper'].some((part) => query.has(part));
    return {
      endsAtMs: isVod ? hexSecondsToMs(query.get(time)) : null,
      parameters: isVod ? [name, time, 'us', 'rlimit'] : [name, time],
    };
  }
  return null;
}
