import type { Settings } from '../../lib/settings/settings.ts';
import { findBatch } from '../find-batch.ts';
import { importManifest } from '../importing/import-manifest.ts';
import { results } from '../results/results.ts';
import { parseSettings } from '../settings/parse-settings.ts';
import type { SettingsInput } from '../settings/settings-input.ts';
import { callAgain, changeState } from '../steering/steer.ts';
import { toProgress } from '../watching/to-progress.ts';
import { waitForEnd, watch } from '../watching/watch.ts';
import { readStatusOf } from '../wiring/batch-status.ts';
import { nameMachineZone } from '../wiring/machine-zone.ts';
import { openStores, type Stores } from '../wiring/stores.ts';
import { whoAmI } from '../wiring/who.ts';
import { abortable, abortableValues, neverAborted } from './abortable.ts';
import type { Connection } from './connection.ts';

export interface ConnectOptions {
  /** Address of Redis. Default `REDIS_URL` of the settings, else the server on this machine. */
  redis?: string;
  /** Default none: importing, watching and steering need no key of the API. */
  settings?: SettingsInput;
  /** Who acts, for the history of batches; at most 100 characters. Default `user@host` of this process. */
  who?: string;
  signal?: AbortSignal;
}

/**
 * Connects to the Redis that holds the batches. Commands fail within 4 s while it is away; the connection comes back
 * by itself.
 * @throws SettingsError, RedisError, the signal's reason.
 */
export async function connect(options: ConnectOptions = {}): Promise<Connection> {
  const { redis, settings: given, who = whoAmI(), signal } = options;
  const settings = parseSettings(given, redis);
  const stores = openStores(settings, { name: 'kling-sessions-library', patience: 'resilient' });
  try {
    return connectionOf({
      stores: await abortable(signal, () => stores),
      settings,
      who: who.slice(0, LONGEST_NAME),
      machineZone: () => nameMachineZone(),
    });
  } catch (error) {
    // Close a connection that opens after the abort: no caller ever gets it.
    stores.then((late) => late[Symbol.asyncDispose]()).catch(() => undefined);
    throw error;
  }
}

const LONGEST_NAME = 100;

interface Context {
  stores: Stores;
  settings: Settings;
  who: string;
  machineZone: () => string;
}

function connectionOf(context: Context): Connection {
  const { stores, settings } = context;
  const readerOf = (batchId: string) => async () => {
    await findBatch(stores.store, batchId);
    return await readStatusOf(stores, settings, batchId);
  };
  const close = async (): Promise<void> => await stores[Symbol.asyncDispose]();
  return {
    importManifest: (source, { signal, onProgress, ...options } = {}) =>
      abortable(signal, () =>
        importManifest(
          {
            ...context,
            signal: signal ?? neverAborted(),
            ...(onProgress && { onProgress: (rows: number) => onProgress({ rows }) }),
          },
          source,
          options,
        ),
      ),
    status: (batchId, { signal } = {}) =>
      abortable(signal, async () => toProgress(await readerOf(batchId)())),
    watch: (batchId, options = {}) =>
      abortableValues(options.signal, watch(readerOf(batchId), options)),
    wait: (batchId, options = {}) =>
      abortable(options.signal, () => waitForEnd(readerOf(batchId), options)),
    results: (options = {}) => abortableValues(options.signal, results(stores, options)),
    ...steeringOf(context),
    close,
    [Symbol.asyncDispose]: close,
  };
}

type Steering = Pick<Connection, 'pause' | 'resume' | 'cancel' | 'retry' | 'refresh'>;

const steeringOf = (context: Context): Steering => ({
  pause: (batchId, options = {}) =>
    abortable(options.signal, () => changeState(context, 'pause', batchId, options)),
  resume: (batchId, options = {}) =>
    abortable(options.signal, () => changeState(context, 'resume', batchId, options)),
  cancel: (batchId, options = {}) =>
    abortable(options.signal, () => changeState(context, 'cancel', batchId, options)),
  retry: (batchId, options = {}) =>
    abortable(options.signal, () => callAgain(context, 'retry', batchId, options)),
  refresh: (batchId, options = {}) =>
    abortable(options.signal, () => callAgain(context, 'refresh', batchId, options)),
});
