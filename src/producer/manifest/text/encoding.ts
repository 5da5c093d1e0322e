import { isAscii, isUtf8 } from 'node:buffer';
import { analyse } from 'chardet';
import iconv from 'iconv-lite';
import { plausibleEncoding } from './plausible-encoding.ts';

/** The default encodings of Excel and others in China, Taiwan, Korea and Japan. */
const LEGACY: ReadonlySet<string> = new Set(['GB18030', 'Big5', 'Shift_JIS', 'EUC-KR', 'EUC-JP']);

/** Out of 100. Correct encodings scored 78 and more, wrong ones 53 and less. */
const SURE = 60;
const SAMPLE_BYTES = 64 * 1024;

/** Bytes outside ASCII up to which no statistics can be sure: a few names. More of them are sure, or something else. */
const FEW_BYTES = 400;

/** An encoding that is neither UTF-8 nor UTF-16. */
export interface LegacyEncoding {
  name: string;
  /** Whether there are too few characters to be sure. */
  isAssumed: boolean;
}

/** Inspects a text's non-ASCII lines as they pass, to detect their encoding. */
export class EncodingSurvey {
  readonly #sample: Buffer[] = [];
  #sizeBytes = 0;

  /** The chunk may be reused afterwards. */
  add(chunk: Buffer): void {
    if (this.#sizeBytes >= SAMPLE_BYTES || isAscii(chunk)) return;
    // Whole lines: no encoding has a line feed inside a character.
    const start = this.#sizeBytes === 0 ? 0 : chunk.indexOf('\n') + 1;
    const end = chunk.lastIndexOf('\n') + 1 || chunk.length;
    const lines = Buffer.from(chunk.subarray(start, Math.min(end, start + SAMPLE_BYTES)));
    const whole = lines.subarray(0, lines.lastIndexOf('\n') + 1 || lines.length);
    this.#sample.push(whole);
    this.#sizeBytes += whole.length;
  }

  /** Null for UTF-8, even if partly damaged, and if it is unknown. */
  legacy(): LegacyEncoding | null {
    const sample = Buffer.concat(this.#sample);
    if (sample.length === 0 || isUtf8(sample)) return null;
    const [best] = analyse(sample);
    if (best && LEGACY.has(best.name) && best.confidence >= SURE) {
      const isExact = iconv.encode(iconv.decode(sample, best.name), best.name).equals(sample);
      return isExact ? { name: best.name, isAssumed: false } : null;
    }
    const isShort = sample.reduce((count, byte) => count + (byte >> 7), 0) <= FEW_BYTES;
    const name = isShort && !hasUtf8(sample) ? plausibleEncoding(sample) : null;
    return name === null ? null : { name, isAssumed: true };
  }
}

/** Whether a line outside ASCII is UTF-8: then the others are damaged. */
const hasUtf8 = (sample: Buffer): boolean =>
  sample
    .toString('latin1')
    .split(/[\r\n]/)
    .map((line) => Buffer.from(line, 'latin1'))
    .some((line) => !isAscii(line) && isUtf8(line));

/** Text in a legacy encoding, piece by piece. */
export const legacyDecoder = (
  encoding: string,
): { write(bytes: Buffer): string; end(): string } => {
  const decoder = iconv.getDecoder(encoding);
  return { write: (bytes) => decoder.write(bytes), end: () => decoder.end() ?? '' };
};

/** The message for people; null for UTF-8 and UTF-16, which are certain. */
export function aboutEncoding(legacy: LegacyEncoding | null): string | null {
  if (legacy === null) return null;
  const advice = 'if names look wrong, save the table as "CSV UTF-8".';
  return legacy.isAssumed
    ? `The few characters outside ASCII are most likely ${legacy.name}. They are read so, and the report will be written in it, so its bytes are the same in any case; ${advice}`
    : `The text is read as ${legacy.name}, and the report will be written in it, too; ${advice}`;
}
