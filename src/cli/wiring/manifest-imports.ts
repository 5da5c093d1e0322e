import type { Logger } from 'pino';
import type {
  Examined,
  ManifestImports,
  Started,
  UploadedFile,
} from '../../dashboard/uploads/manifest-imports.ts';
import { formatTimeLeft } from '../../lib/core/in-words.ts';
import { refuseRemotePlace, wholePlace } from '../../lib/report/delivery/report-place.ts';
import {
  IMPORT_OPTIONS,
  type ImportRequest,
  type KeyedReading,
  type ReadingRequest,
  WORKING_OPTIONS,
} from '../../lib/requests/import-request.ts';
import { parseRequest } from '../../lib/requests/option.ts';
import { refuseRequest } from '../../lib/requests/unusable-request.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { listWorkers } from '../../lib/store/redis/worker-registry.ts';
import type { Stores } from '../../library/wiring/stores.ts';
import { findContinued } from '../../producer/continuing/continue-import.ts';
import { findLiveElsewhere } from '../../producer/continuing/find-live-elsewhere.ts';
import { type ImportContext, type ImportResult, importBatch } from '../../producer/import-batch.ts';
import type { ImportOptions } from '../../producer/import-options.ts';
import { importOptions, readingOptions } from '../../producer/import-request.ts';
import { ManifestError } from '../../producer/manifest/manifest-error.ts';
import { type Manifest, openManifest } from '../../producer/manifest/open-manifest.ts';
import { planImport } from '../../producer/plan-import.ts';
import { machineZone } from '../options/machine-zone.ts';
import { readPresentPace } from './present-pace.ts';

type ImportStores = Pick<
  Stores,
  | 'store'
  | 'rowIndex'
  | 'overview'
  | 'ledger'
  | 'repair'
  | 'queues'
  | 'steering'
  | 'keyIndex'
  | 'redis'
  | 'keys'
>;

/** Connects the dashboard to the producer. Disposing interrupts imports under way; the same upload resumes them. */
export class ProducerImports implements ManifestImports, AsyncDisposable {
  readonly #settings: Settings;
  readonly #stores: ImportStores;
  readonly #log: Logger;
  readonly #ending = new AbortController();
  readonly #imports = new Set<Promise<unknown>>();

  constructor(settings: Settings, stores: ImportStores, log: Logger) {
    this.#settings = settings;
    this.#stores = stores;
    this.#log = log;
  }

  async examine(file: UploadedFile, reading: ReadingRequest): Promise<Examined> {
    try {
      await using manifest = await this.#open(file, reading);
      const pace = await readPresentPace(this.#settings, WORKING_OPTIONS.priority.default);
      const plan = await planImport(
        { now: Date.now, pace, onFindings: async () => undefined, signal: this.#ending.signal },
        manifest,
      );
      const { shape, container, sheet, notes } = manifest;
      const sessions = await findLiveElsewhere(
        { ...this.#stores, now: Date.now },
        manifest,
        importOptions(parseRequest(IMPORT_OPTIONS, {}), Date.now(), machineZone),
      );
      const time = `It would take ${formatTimeLeft(plan.durationMs / 1_000)}, ${pace.explanation}.`;
      return {
        kind: 'understood',
        shape,
        container,
        sheet,
        remarks: sessions === null ? notes : [...notes, sessions],
        ...plan,
        time,
        obstacle: pace.obstacle,
      };
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      return { kind: 'not_understood', message: inUsersWords(error, file), columns: error.columns };
    }
  }

  async start(file: UploadedFile, request: ImportRequest, who: string): Promise<Started> {
    const { mends } = request;
    if (mends !== null && (await this.#stores.store.readBatch(mends)) === null) {
      throw refuseRequest('mends', `There is no batch ${mends} to mend.`);
    }
    const options = importOptions(withPlace(request, this.#settings), Date.now(), machineZone);
    const manifest = await this.#open(file, request).catch((error) => {
      if (error instanceof ManifestError) return inUsersWords(error, file);
      throw error;
    });
    if (typeof manifest === 'string') return { kind: 'refused', message: manifest };
    const continued = await this.#continue(manifest, request, options, who).catch(
      async (error: unknown) => {
        await manifest[Symbol.asyncDispose]();
        if (!(error instanceof ManifestError)) throw error;
        return { kind: 'refused' as const, sentence: inUsersWords(error, file) };
      },
    );
    if (continued.kind === 'refused') {
      await manifest[Symbol.asyncDispose]();
      return { kind: 'refused', message: continued.sentence };
    }
    return await this.#import(manifest, file, who, { ...options, ...continued.options });
  }

  /** The options that keep the live sessions of the batch that the table continues. */
  async #continue(
    manifest: Manifest,
    request: ImportRequest,
    options: ImportOptions,
    who: string,
  ): ReturnType<typeof findContinued> {
    const { redis, keys } = this.#stores;
    const context = {
      ...this.#stores,
      now: Date.now,
      countWorkers: async () => (await listWorkers(redis, keys)).length,
      who,
      signal: this.#ending.signal,
    };
    const wanted = {
      continues: request.continue,
      key: request.key,
      isFresh: false,
      origin: null,
    };
    return await findContinued(context, manifest, options, wanted, context);
  }

  async #open({ path, fileName }: UploadedFile, reading: KeyedReading): Promise<Manifest> {
    return await openManifest(path, {
      ...readingOptions(reading),
      fileName,
      signal: this.#ending.signal,
    });
  }

  /** Resolves as soon as the batch exists; its rows follow. */
  async #import(
    manifest: Manifest,
    file: UploadedFile,
    who: string,
    options: ImportOptions,
  ): Promise<Started> {
    return await new Promise((resolve, reject) => {
      const importing = importBatch(this.#context(who, resolve), manifest, options)
        .then((result) => {
          resolve(asStarted(result));
          this.#reportInterruption(result);
        })
        .catch((error) => {
          if (error instanceof ManifestError) {
            resolve({ kind: 'refused', message: inUsersWords(error, file) });
          } else reject(error);
          // Once the batch exists, nothing waits for this error.
          if (!this.#ending.signal.aborted) this.#log.error({ err: error }, 'import interrupted');
        })
        .finally(() => manifest[Symbol.asyncDispose]());
      this.#imports.add(importing);
      void importing.finally(() => this.#imports.delete(importing)).catch(() => undefined);
    });
  }

  #reportInterruption(result: ImportResult): void {
    if (result.kind !== 'interrupted') return;
    const { batchId: batch } = result;
    this.#log.warn({ batch, rows: result.batch?.rows ?? 0 }, 'import interrupted');
  }

  #context(who: string, onStarted: (started: Started) => void): ImportContext {
    const { store, repair, queues, steering, keyIndex } = this.#stores;
    return {
      store,
      keyIndex,
      repair,
      steering,
      queues,
      now: Date.now,
      who,
      signal: this.#ending.signal,
      onOpened: async (batch, wasFound) => {
        if (!wasFound) {
          const what = 'uploaded and started it';
          await steering.addHistory(batch, { atMs: Date.now(), who, what, reason: null });
        }
        onStarted({ kind: 'started', batchId: batch.id, wasFound });
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await Promise.allSettled(this.#imports);
  }
}

/** @throws UnusableRequest for a place that people without rights on the workers' machines may not name. */
function withPlace(request: ImportRequest, { REPORT_FOLDERS: folders }: Settings): ImportRequest {
  if (request.out === null) return request;
  const out = wholePlace(request.out, null);
  if (out === null) throw refuseRequest('out', 'Begin the path with /, or give an address.');
  const problem = refuseRemotePlace(out, folders);
  if (problem !== null) throw refuseRequest('out', problem);
  return { ...request, out };
}

function asStarted(result: ImportResult): Started {
  switch (result.kind) {
    case 'imported':
      return { kind: 'started', batchId: result.batch.id, wasFound: result.wasFound };
    case 'interrupted':
      // `onOpened` reported the batch long before; its page shows that rows are missing.
      return { kind: 'started', batchId: result.batchId, wasFound: true };
    case 'conflict':
    case 'selection_changed':
      return {
        kind: 'refused',
        message: `Batch ${result.batchId} was made from another manifest or with other options; choose another id.`,
      };
  }
}

/** People know the file by the name under which they uploaded it. */
const inUsersWords = ({ message }: ManifestError, { path, fileName }: UploadedFile): string =>
  message.replaceAll(path, fileName);
