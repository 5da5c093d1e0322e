import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { type Entry, fromFdPromise, type ZipFile } from 'yauzl';
import { ManifestError } from '../manifest-error.ts';

/** The parts of a workbook, which is a ZIP archive. */
export interface Archive {
  has(name: string): boolean;
  /**
   * A part's bytes, inflated, as fast as they are consumed. May be read again, also in parallel.
   * @throws ManifestError `workbook_broken`, at the end at the latest; `workbook_bomb`.
   */
  read(name: string): AsyncGenerator<Buffer>;
}

/** A workbook has one part per sheet, picture and style sheet. */
const MAX_PARTS = 20_000;

/**
 * The limits of a gzip: a part that exceeds both is a bomb. XML of a real sheet shrinks to a tenth, at best a
 * fiftieth.
 */
const MAX_INFLATE_RATIO = 200;
const MIN_BOMB_BYTES = 64 * 1024 * 1024;

export interface ArchiveFile {
  handle: FileHandle;
  label: string;
  sizeBytes: number;
  signal: AbortSignal;
}

/** Reads the archive's table of contents. Does not close the handle. @throws ManifestError `workbook_broken`. */
export async function openArchive(file: ArchiveFile): Promise<Archive> {
  const entries = new Map<string, Entry>();
  const zip = await fromFdPromise(file.handle.fd, { autoClose: false, lazyEntries: true }).catch(
    (error: Error) => {
      throw broken(file.label, error.message);
    },
  );
  try {
    for await (const entry of zip.eachEntry()) {
      entries.set(entry.fileName, entry);
      if (entries.size > MAX_PARTS) throw new Error('it has too many parts');
    }
  } catch (error) {
    throw broken(file.label, (error as Error).message);
  }
  return {
    has: (name) => entries.has(name),
    read: (name) => readPart(file, zip, entries.get(name), name),
  };
}

async function* readPart(
  file: ArchiveFile,
  zip: ZipFile,
  entry: Entry | undefined,
  name: string,
): AsyncGenerator<Buffer> {
  if (!entry) throw broken(file.label, `${name} is missing`);
  const limitBytes = Math.max(MIN_BOMB_BYTES, file.sizeBytes * MAX_INFLATE_RATIO);
  if (entry.uncompressedSize > limitBytes) throw bomb(file.label);
  let checksum = 0;
  // yauzl checks the data against the sizes in the table of contents, not against its checksums.
  for await (const chunk of openPart(file, zip, entry)) {
    file.signal.throwIfAborted();
    checksum = crc32(chunk, checksum);
    yield chunk;
  }
  if (checksum !== entry.crc32) throw broken(file.label, `the checksum of ${name} is wrong`);
}

async function* openPart(file: ArchiveFile, zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  try {
    const stream: AsyncIterable<Buffer> = await zip.openReadStreamPromise(entry);
    yield* stream;
  } catch (error) {
    throw broken(file.label, (error as Error).message);
  }
}

export function broken(label: string, why: string): ManifestError {
  return new ManifestError(
    'workbook_broken',
    `The workbook ${label} is damaged (${why}); open it in a spreadsheet program and save it again.`,
  );
}

function bomb(label: string): ManifestError {
  return new ManifestError(
    'workbook_bomb',
    `${label} inflates to more than ${MAX_INFLATE_RATIO} times its size, which no manifest does; check the file, or save its sheet as "CSV UTF-8" and import that.`,
  );
}
