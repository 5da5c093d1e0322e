import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { snappyUncompress } from 'hyparquet/src/snappy.js';
import { ParquetError } from './parquet-error.ts';

type Decompress = (bytes: Uint8Array, sizeBytes: number) => Promise<Uint8Array>;

type Inflate = (bytes: Uint8Array, limits: { maxOutputLength: number }) => Promise<Uint8Array>;

/** Node 20, whose types are used, has no such function. */
const { zstdDecompress } = zlib as { zstdDecompress?: typeof zlib.unzip };
const native: Inflate | undefined = zstdDecompress && promisify(zstdDecompress);
const inflate = promisify(zlib.unzip);
const brotli = promisify(zlib.brotliDecompress);

/** By the codec's number. Each writes at most `sizeBytes`, whatever the bytes claim. */
const CODECS: Readonly<Record<number, Decompress>> = {
  0: async (bytes) => bytes,
  1: async (bytes, sizeBytes) => {
    const page = new Uint8Array(sizeBytes);
    snappyUncompress(bytes, page);
    return page;
  },
  2: async (bytes, sizeBytes) => await inflate(bytes, { maxOutputLength: Math.max(1, sizeBytes) }),
  4: async (bytes, sizeBytes) => await brotli(bytes, { maxOutputLength: Math.max(1, sizeBytes) }),
  6: zstandard,
};

const NAMES = ['none', 'Snappy', 'gzip', 'LZO', 'Brotli', 'LZ4', 'Zstandard', 'LZ4'];

export const isKnownCodec = (codec: number): boolean => CODECS[codec] !== undefined;

export const codecName = (codec: number): string => NAMES[codec] ?? `method ${codec}`;

/** @throws ParquetError when the bytes are damaged, or do not give exactly `sizeBytes`. */
export async function decompress(
  codec: number,
  bytes: Uint8Array,
  sizeBytes: number,
): Promise<Uint8Array> {
  try {
    const page = (await CODECS[codec]?.(bytes, sizeBytes)) ?? new Uint8Array();
    if (page.length === sizeBytes) return page;
  } catch (error) {
    throw new ParquetError('a page cannot be decompressed', { cause: error });
  }
  throw new ParquetError('a page has another size than it declares');
}

/**
 * Node has it from 22.15 on; before, the same library runs as WebAssembly, which keeps the memory of its largest page.
 */
async function zstandard(bytes: Uint8Array, sizeBytes: number): Promise<Uint8Array> {
  if (sizeBytes === 0) return new Uint8Array();
  if (native !== undefined) return await native(bytes, { maxOutputLength: sizeBytes });
  const { ZSTDDecoder } = await import('zstddec');
  const decoder = new ZSTDDecoder();
  await decoder.init();
  return decoder.decode(bytes, sizeBytes);
}
