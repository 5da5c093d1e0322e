import { isAscii, isUtf8 } from 'node:buffer';
import { analyse } from 'chardet';
import iconv from 'iconv-lite';

/** The default encodings of Excel and others in China, Taiwan, Korea and Japan. */
const LEGACY: ReadonlySet<string> = new Set(['GB18030', 'Big5', 'Shift_JIS', 'EUC-KR', 'EUC-JP']);

/** Out of 100. Correct encodings scored 78 and more, wrong ones 53 and less. */
const SURE = 60;
const SAMPLE_BYTES = 64 * 1024;

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
  legacy(): string | null {
    const sample = Buffer.concat(this.#sample);
    if (sample.length === 0 || isUtf8(sample)) return null;
    const [best] = analyse(sample);
    if (!best || !LEGACY.has(best.name) || best.confidence < SURE) return null;
    const isExact = iconv.encode(iconv.decode(sample, best.name), best.name).equals(sample);
    return isExact ? best.name : null;
  }
}

/** Text in a legacy encoding, piece by piece. */
export const legacyDecoder = (
  encoding: string,
): { write(bytes: Buffer): string; end(): string } => {
  const decoder = iconv.getDecoder(encoding);
  return { write: (bytes) => decoder.write(bytes), end: () => decoder.end() ?? '' };
};

/** The message for people; null for UTF-8 and UTF-16, which are certain. */
export const aboutEncoding = (legacy: string | null): string | null =>
  legacy === null
    ? null
    : `The text is read as ${legacy}, and the report will be written in it, too; if names look wrong, save the table as "CSV UTF-8".`;
