/** Milliseconds that a `Date` can hold, in both directions. */
const MAX_DATE_MS = 8_640_000_000_000_000n;

/** An unscaled integer with `scale` digits after the decimal point, every digit kept. */
export function showDecimal(unscaled: bigint, scale: number): string {
  if (scale <= 0) return String(unscaled * 10n ** BigInt(Math.min(-scale, 100)));
  const sign = unscaled < 0n ? '-' : '';
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/**
 * ISO 8601, from a count since 1970 in units of 10^-`digits` s; with `Z` only when it is an instant. A time that
 * no calendar has stays a number.
 */
export function showTimestamp(count: bigint, digits: number, isUtc: boolean): string {
  const perSecond = 10n ** BigInt(digits);
  const fraction = ((count % perSecond) + perSecond) % perSecond;
  const ms = ((count - fraction) / perSecond) * 1_000n;
  if (ms > MAX_DATE_MS || ms < -MAX_DATE_MS) return String(count);
  const seconds = new Date(Number(ms)).toISOString().slice(0, -5);
  return `${seconds}${showFraction(fraction, digits)}${isUtc ? 'Z' : ''}`;
}

/** `h:mm:ss`, from units of 10^-`digits` s. */
export function showDuration(count: bigint, digits: number): string {
  const sign = count < 0n ? '-' : '';
  const size = count < 0n ? -count : count;
  const perSecond = 10n ** BigInt(digits);
  const seconds = size / perSecond;
  const parts = [seconds / 3_600n, (seconds / 60n) % 60n, seconds % 60n];
  const clock = parts.map((part) => String(part).padStart(2, '0')).join(':');
  return sign + clock + showFraction(size % perSecond, digits);
}

/** In groups of three digits; empty for whole seconds. */
function showFraction(fraction: bigint, digits: number): string {
  if (fraction === 0n) return '';
  return `.${String(fraction)
    .padStart(digits, '0')
    .replace(/(?:000)+$/, '')}`;
}

export function showUuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
