import type { Writable } from 'node:stream';
import { promisify } from 'node:util';
import {
  checkOutput,
  explainOutputError,
  OutputFile,
  removeLeftovers,
} from '../files/output-file.ts';
import { ReportError } from './report-error.ts';
import type { LineFormatter, ReportFormatter, ReportLine } from './report-formatter.ts';

const WRITE_BYTES = 256 * 1024;

/**
 * Writes a report to a path (see `OutputFile`) or a stream and returns the number of its rows. Entries may come in
 * pieces of any size; memory stays constant. A stream is not ended. What killed writers have left beside the path is
 * removed.
 * @throws ReportError; whatever `entries` throws.
 */
export async function writeReport(
  formatter: ReportFormatter,
  entries: AsyncIterable<readonly ReportLine[]>,
  destination: string | Writable,
  encode: EncodeText = Buffer.from,
): Promise<number> {
  const pieces = (counted: AsyncIterable<readonly ReportLine[]>): AsyncIterable<Buffer> =>
    'encode' in formatter ? formatter.encode(counted) : formatLines(formatter, counted, encode);
  if (typeof destination !== 'string') return writeStream(destination, pieces, entries);
  const fail = failureOf(destination);
  await removeLeftovers(destination);
  await using file = await OutputFile.open(destination).catch(fail);
  const rows = await writePieces(pieces, entries, (bytes) => file.write(bytes).catch(fail));
  await file.finish().catch(fail);
  return rows;
}

/**
 * Checks whether a report could be written there, without leaving a trace. Only writing shows whether there is enough
 * room.
 * @throws ReportError, like `writeReport`.
 */
export async function checkDestination(path: string): Promise<void> {
  await checkOutput(path).catch(failureOf(path));
}

/** Turns the lines of a report into bytes; UTF-8 by default. */
export type EncodeText = (text: string) => Buffer;
type PiecesOf = (entries: AsyncIterable<readonly ReportLine[]>) => AsyncIterable<Buffer>;
type Write = (bytes: Buffer) => Promise<void>;
type Fail = (error: NodeJS.ErrnoException) => never;

async function writePieces(
  piecesOf: PiecesOf,
  entries: AsyncIterable<readonly ReportLine[]>,
  write: Write,
): Promise<number> {
  let rows = 0;
  const count = (batch: number): void => {
    rows += batch;
  };
  const counted = countRows(entries, count);
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const bytes of piecesOf(counted)) {
    pending.push(bytes);
    pendingBytes += bytes.length;
    if (pendingBytes >= WRITE_BYTES) {
      await write(Buffer.concat(pending));
      pending = [];
      pendingBytes = 0;
    }
  }
  await write(Buffer.concat(pending));
  return rows;
}

async function* countRows(
  entries: AsyncIterable<readonly ReportLine[]>,
  count: (rows: number) => void,
): AsyncGenerator<readonly ReportLine[]> {
  for await (const batch of entries) {
    count(batch.filter((line) => !('missing' in line)).length);
    yield batch;
  }
}

async function* formatLines(
  formatter: LineFormatter,
  entries: AsyncIterable<readonly ReportLine[]>,
  encode: EncodeText,
): AsyncGenerator<Buffer> {
  yield encode(formatter.header ?? '');
  for await (const batch of entries) yield formatBatch(formatter, batch, encode);
}

function formatBatch(
  formatter: LineFormatter,
  batch: readonly ReportLine[],
  encode: EncodeText,
): Buffer {
  const parts: Buffer[] = [];
  let text = '';
  for (const entry of batch) {
    const line = formatter.line(entry);
    if (typeof line === 'string') {
      text += line;
    } else {
      parts.push(encode(text), line);
      text = '';
    }
  }
  return Buffer.concat([...parts, encode(text)]);
}

async function writeStream(
  stream: Writable,
  pieces: PiecesOf,
  entries: AsyncIterable<readonly ReportLine[]>,
): Promise<number> {
  const fail = failureOf('the output');
  // The callback of `write` reports a failure; without a listener, the event would also end the process.
  const ignore = (): void => {};
  stream.on('error', ignore);
  const write = promisify(stream.write.bind(stream) as StreamWrite);
  const rows = await writePieces(pieces, entries, (bytes) => write(bytes).catch(fail));
  stream.off('error', ignore);
  return rows;
}

type StreamWrite = (bytes: Buffer, done: (error?: Error | null) => void) => void;

function failureOf(destination: string): Fail {
  return (error) => {
    const why = explainOutputError(error, '--out');
    throw new ReportError(
      error.code ?? 'unknown',
      `The report cannot be written to ${destination}: ${why}.`,
      { cause: error },
    );
  };
}
