import { createHash, type Hash } from 'node:crypto';
import type { ManifestShape } from '../../lib/core/manifest/manifest.ts';
import type { ManifestFile } from './open-input.ts';
import {
  type Container,
  containerOf,
  detectEncoding,
  inflate,
  readBytes,
  toUtf8,
} from './text/bytes.ts';
import { EncodingSurvey, type LegacyEncoding } from './text/encoding.ts';
import { type Eol, MAX_RECORD_BYTES, TextWindow } from './text/window.ts';

export interface Survey {
  sha256: string;
  sizeBytes: number;
  container: Container;
  /** The encoding of a text that is neither UTF-8 nor UTF-16; null for these, or if it is unknown. */
  legacy: LegacyEncoding | null;
}

export type Source = ManifestFile & Survey & { signal: AbortSignal };

/** The digest of the file's own bytes so far. */
export interface Seen {
  hash: Hash;
  sizeBytes: number;
}

export async function surveyFile(file: ManifestFile, signal: AbortSignal): Promise<Survey> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let container: Container = 'none';
  let encoding: EncodingSurvey | null = null;
  for await (const chunk of readBytes(file.handle, signal, { reusesBuffer: true })) {
    if (sizeBytes === 0) {
      container = containerOf(chunk);
      if (container === 'none') encoding = surveyText(chunk);
    }
    encoding?.add(chunk);
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), sizeBytes, container, legacy: encoding?.legacy() ?? null };
}

/** Null for a text whose first bytes tell its encoding: then nothing else is detected, even if it is damaged. */
function surveyText(head: Buffer): EncodingSurvey | null {
  const { encoding, markBytes } = detectEncoding(head);
  return encoding === 'utf-8' && markBytes === 0 ? new EncodingSurvey() : null;
}

/** Inflates everything, so that a truncated file is found before its rows are used; returns a legacy encoding. */
export async function checkGzip(source: Source): Promise<LegacyEncoding | null> {
  if (source.container !== 'gzip') return null;
  let encoding: EncodingSurvey | null | undefined;
  for await (const chunk of inflate(readBytes(source.handle, source.signal), source)) {
    if (encoding === undefined) encoding = surveyText(chunk);
    encoding?.add(chunk);
  }
  return encoding?.legacy() ?? null;
}

/** The encoding for a report. */
export async function encodingOf(
  source: Source,
): Promise<Pick<ManifestShape, 'encoding' | 'hasMark'>> {
  const bytes = inflated(source, readBytes(source.handle, source.signal));
  const { value } = await bytes.next();
  await bytes.return(undefined);
  const { encoding, markBytes } = detectEncoding(value ?? Buffer.alloc(0));
  const used = source.legacy?.name ?? encoding;
  return {
    ...(used !== 'utf-8' && { encoding: used }),
    ...(markBytes > 0 && { hasMark: true as const }),
  };
}

export async function readHead(source: Source): Promise<Buffer> {
  await using text = openText(source, readBytes(source.handle, source.signal));
  await text.fill(MAX_RECORD_BYTES);
  return text.bytes;
}

export function openText(
  source: Source,
  bytes: AsyncGenerator<Buffer>,
  eol: Eol = '\n',
): TextWindow {
  return new TextWindow(toUtf8(inflated(source, bytes), source.legacy?.name), eol);
}

export const inflated = (source: Source, bytes: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> =>
  source.container === 'gzip' ? inflate(bytes, source) : bytes;

export async function* observeBytes(source: Source, seen: Seen): AsyncGenerator<Buffer> {
  // Inflating reads ahead.
  const reusesBuffer = source.container === 'none';
  for await (const chunk of readBytes(source.handle, source.signal, { reusesBuffer })) {
    seen.hash.update(chunk);
    seen.sizeBytes += chunk.length;
    yield chunk;
  }
}
