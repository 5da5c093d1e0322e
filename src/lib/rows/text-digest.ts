import { randomBytes } from 'node:crypto';

const FIRST_BYTES = 4_096;
/** Of UTF-8, for one UTF-16 unit. */
const MAX_UNIT_BYTES = 3;
const FINAL_ROUNDS = 3;

/**
 * Digests of 64 bits, by HalfSipHash-1-3 (Aumasson and Bernstein) under a random key: no attacker can construct two
 * texts that share a digest. Halves of surrogate pairs, which no text file can hold, count as equal.
 *
 * The texts are hashed as bytes. `charCodeAt` is slow wherever ioredis is loaded, because a class of it extends
 * `String` (`findings/node-string-subclass-slows-charcodeat.sh`). Native hashes return a new text or buffer each,
 * which takes longer than these few operations for four bytes.
 */
export class TextDigest {
  /** The digest of the latest `of`, 32 bits each. */
  high = 0;
  low = 0;
  readonly #key0: number;
  readonly #key1: number;
  #bytes = Buffer.alloc(FIRST_BYTES);
  /** The same memory. */
  #words = wordsOf(this.#bytes);

  constructor() {
    const key = randomBytes(8);
    this.#key0 = key.readInt32LE(0);
    this.#key1 = key.readInt32LE(4);
  }

  /**
   * Different lists of texts have different digests, even if the joined texts are the same. `except`: the index of a
   * text that the latest digest stands for, which is hashed in its place; it need not be read again.
   */
  of(texts: readonly string[], except = -1): void {
    let count = 0;
    for (let at = 0; at < texts.length; at += 1) {
      count = at === except ? this.#putLatest(count) : this.#putText(texts[at] as string, count);
    }
    this.#hash(count);
  }

  /** Puts the length of a text in bytes, then the text, filled up to whole words, and returns where the next begins. */
  #putText(text: string, at: number): number {
    const start = 4 * (at + 1);
    this.#makeRoom(start + MAX_UNIT_BYTES * text.length);
    const sizeBytes = this.#bytes.write(text, start);
    const words = this.#words;
    const next = at + 1 + ((sizeBytes + 3) >>> 2);
    words[at] = sizeBytes;
    // The bytes after the text in its last word are left over from an earlier text.
    if (sizeBytes % 4 !== 0) {
      words[next - 1] = (words[next - 1] as number) & (0xffffffff >>> (32 - 8 * (sizeBytes % 4)));
    }
    return next;
  }

  /** No text has a length of -1. */
  #putLatest(at: number): number {
    this.#makeRoom(4 * (at + 3));
    this.#words[at] = -1;
    this.#words[at + 1] = this.high;
    this.#words[at + 2] = this.low;
    return at + 3;
  }

  #makeRoom(sizeBytes: number): void {
    if (sizeBytes <= this.#bytes.length) return;
    const larger = Buffer.alloc(4 * Math.ceil(sizeBytes / 2));
    this.#bytes.copy(larger);
    this.#bytes = larger;
    this.#words = wordsOf(larger);
  }

  /** One loop with its state in variables: fields would be stored and read again at each word. */
  #hash(count: number): void {
    const words = this.#words;
    let v0 = this.#key0;
    let v1 = this.#key1 ^ 0xee;
    let v2 = this.#key0 ^ 0x6c796765;
    let v3 = this.#key1 ^ 0x74656462;
    for (let at = 0; at < count + 2 * FINAL_ROUNDS; at += 1) {
      if (at === count) v2 ^= 0xee;
      if (at === count + FINAL_ROUNDS) {
        this.low = (v1 ^ v3) >>> 0;
        v1 ^= 0xdd;
      }
      const word = at < count ? (words[at] as number) : 0;
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    this.high = (v1 ^ v3) >>> 0;
  }
}

const wordsOf = (bytes: Buffer): Int32Array =>
  new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
