import { closeSync, createWriteStream } from 'node:fs';
import type { Batch } from '../../core/batch/batch.ts';
import { isWebAddress } from '../../core/web-address.ts';
import { isManifestOf } from '../../files/is-manifest-of.ts';
import { findAddressRefused } from '../../network/address-refused.ts';
import type { FindProxy } from '../../network/find-proxy.ts';
import { checkUrl, type Guard } from '../../network/guarded-lookup.ts';
import { openNameless } from '../../rows/nameless-file.ts';
import type { BatchStore } from '../../store/batch-store.ts';
import { createReportFormatter } from '../create-report-formatter.ts';
import { textEncoder } from '../encode-text.ts';
import { readReport } from '../read-entries.ts';
import { ReportError } from '../report-error.ts';
import type { ReportLine } from '../report-formatter.ts';
import { writeReport } from '../write-report.ts';
import { checkReportFile } from './check-report-file.ts';
import { putReport } from './put-report.ts';
import { formatOfPlace, showPlace } from './report-place.ts';

export interface ReportBounds {
  /** Addresses that may get a report. */
  guard: Guard;
  /** The proxies for them; default none. */
  findProxy?: FindProxy;
  /** The only folders that may get one; empty for any. */
  folders: readonly string[];
}

export type Written =
  | { kind: 'written' }
  /** The batch has changed meanwhile; nothing was written. */
  | { kind: 'outdated' }
  /** `reason` is a sentence that is safe to show. `isPassing`: another try may succeed. */
  | { kind: 'not_written'; reason: string; isPassing: boolean };

/** Errors of a place that waiting does not fix. */
const LASTING: ReadonlySet<string> = new Set(['refused', 'too_many_rows', 'too_many_columns']);

class BatchChanged extends Error {}

/** Writes reports of batches that have ended to files on this machine, and to addresses. */
export class ReportWriter {
  readonly #store: BatchStore;
  readonly #bounds: ReportBounds;

  constructor(store: BatchStore, bounds: ReportBounds) {
    this.#store = store;
    this.#bounds = bounds;
  }

  /** Whether a report could be written there now. The result is never `written`, because nothing is written. */
  async check(place: string): Promise<Extract<Written, { kind: 'not_written' }> | null> {
    try {
      if (isWebAddress(place)) checkUrl(new URL(place), this.#bounds.guard);
      else await checkReportFile(place, this.#bounds.folders);
      return null;
    } catch (error) {
      return explain(place, error);
    }
  }

  /**
   * Writes the whole report or nothing, and may run twice. Rejects with errors of Redis, and when the signal is aborted.
   */
  async write(batch: Batch, place: string, signal: AbortSignal): Promise<Written> {
    try {
      return isWebAddress(place)
        ? await this.#send(batch, place, signal)
        : await this.#writeFile(batch, place, signal);
    } catch (error) {
      if (error instanceof BatchChanged) return { kind: 'outdated' };
      return explain(place, error);
    }
  }

  async #writeFile(batch: Batch, path: string, signal: AbortSignal): Promise<Written> {
    await checkReportFile(path, this.#bounds.folders);
    if (await isManifestOf(path, batch)) {
      throw new ReportError(
        'refused',
        `The report cannot be written to ${path}: it is the manifest itself, which would be lost.`,
      );
    }
    await this.#writeTo(batch, path, path, signal);
    return { kind: 'written' };
  }

  /** Through a temporary file, as servers ask for its length before its bytes. */
  async #send(batch: Batch, address: string, signal: AbortSignal): Promise<Written> {
    const url = new URL(address);
    checkUrl(url, this.#bounds.guard);
    const file = openNameless();
    try {
      const stream = createWriteStream('', { fd: file, autoClose: false });
      await this.#writeTo(batch, address, stream, signal);
      const result = await putReport(url, file, { ...this.#bounds, signal });
      if (result.kind === 'taken') return { kind: 'written' };
      return notWritten(address, result.reason, result.isPassing);
    } finally {
      closeSync(file);
    }
  }

  async #writeTo(
    batch: Batch,
    place: string,
    destination: Parameters<typeof writeReport>[2],
    signal: AbortSignal,
  ): Promise<void> {
    const format = formatOfPlace(place);
    const { maxCells, rows } = batch;
    const formatter = createReportFormatter(batch.shape, format, { maxCells, rows });
    const lines = this.#linesOf(batch, signal);
    await writeReport(formatter, lines, destination, textEncoder(batch.shape, format));
  }

  /** An older report must not replace a newer one, so the last look is after the last row. */
  async *#linesOf(batch: Batch, signal: AbortSignal): AsyncGenerator<ReportLine[]> {
    for await (const lines of readReport(this.#store, batch, null)) {
      signal.throwIfAborted();
      yield lines;
    }
    const now = await this.#store.readBatch(batch.id);
    const isSame = now?.incarnation === batch.incarnation;
    if (!isSame || now.finishedAtMs !== batch.finishedAtMs) throw new BatchChanged();
  }
}

const notWritten = (
  address: string,
  why: string,
  isPassing: boolean,
): Extract<Written, { kind: 'not_written' }> => {
  const reason = `The report cannot be sent to ${showPlace(address)}: ${why}.`;
  return { kind: 'not_written', reason, isPassing };
};

/** Throws errors that are not the fault of the place. */
function explain(place: string, error: unknown): Extract<Written, { kind: 'not_written' }> {
  if (error instanceof ReportError) {
    const reason = error.message.replaceAll(place, showPlace(place));
    return { kind: 'not_written', reason, isPassing: !LASTING.has(error.code) };
  }
  const refused = findAddressRefused(error);
  if (refused === undefined) throw error;
  return notWritten(place, refused.message, false);
}
