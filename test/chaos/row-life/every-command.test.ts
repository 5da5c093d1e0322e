import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { createKeys } from '../../../src/lib/store/keys.ts';
import { openStores, type Stores } from '../../../src/library/wiring/stores.ts';
import { importBatch } from '../../../src/producer/import-batch.ts';
import { startSandbox } from '../../../src/sandbox/start-sandbox.ts';
import { klingManifest, test, type Workplace } from '../../e2e/e2e-test.ts';
import { withManifest } from '../../integration/producer/producer-test.ts';
import { IMPORT_OPTIONS } from '../../setup/examples/import-options.ts';
import { contradictions } from '../check/evidence.ts';
import { type CommandProxy, startCommandProxy } from './command-proxy.ts';

const API_KEY = 'test-key';
/**
 * No worker is killed after this time, for each kind of row: enough for every command, unless the machine is very busy.
 * The commands that were not reached are another run's.
 */
const SHORT_MS = 60_000;
const LOOK_MS = 25;
/** The locks of dead workers last 8 s. */
const LONGEST_REST_MS = 90_000;

const LEASES = createKeys().leases;

const KINDS = {
  'with Kling ids': {
    ends: ['succeeded'],
    manifestsOf: async () => (number: number) => klingManifest(1, idOf(number)),
  },
  'whose video is probed': {
    // What one worker leaves, the next ones probe: if three of these die just then, there is no fourth probe.
    ends: ['succeeded', 'failed, worker_died'],
    manifestsOf: async (place: Workplace) => {
      const videos = await place.videos();
      return (number: number) => `video_url\n${videos.urlOf('good.mp4', `life=${number}`)}\n`;
    },
  },
};

test.for(Object.entries(KINDS))(
  'a worker that dies between any two commands of a row %s loses no session and repeats none in silence',
  async ([, { ends, manifestsOf }], { place, annotate }) => {
    const redis = await place.redis();
    await using api = await startSandbox({
      port: 0,
      apiKey: API_KEY,
      validate: false,
      latencyMs: 20,
    });
    await using stores = await openStores(
      { REDIS_URL: redis.url },
      { name: 'test', patience: 'patient' },
    );
    await using proxy = await startCommandProxy(redis.port);
    Object.assign(place.env, {
      REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
      API_BASE_URL: api.apiBaseUrl,
      COMETAPI_KEY: API_KEY,
      // A row may lose a call with each of several workers, and must get its session all the same.
      MAX_UNCONFIRMED: '10',
      MAX_ATTEMPTS: '10',
      RETRY_PAUSE: '100ms',
    });
    const life = new RowLife(place, stores, proxy, await manifestsOf(place));

    const commands = await life.live(Number.POSITIVE_INFINITY);
    const moments = Array.from({ length: commands }, (_, before) => before + 1);
    // Every third, then those between: a short run has moments of the whole life.
    const inTurn = [0, 1, 2].flatMap((rest) => moments.filter((moment) => moment % 3 === rest));
    const endMs = performance.now() + SHORT_MS;
    let killed = 0;
    for (const moment of inTurn) {
      if (performance.now() > endMs) break;
      await life.live(moment);
      killed += 1;
    }
    await annotate(
      `${killed} workers were killed, each before another one of ${commands} commands.`,
    );
    expect(killed).toBeGreaterThan(2);

    await life.end();
    for (const id of life.batches) {
      const batch = await stores.store.readBatch(id);
      if (batch === null) throw new Error(`no batch ${id}`);
      const [outcome] = (await stores.store.readOutcomesOf(id, [1])).values();
      const { status, error } = outcome ?? { status: null };
      expect(batch.state, id).toBe('completed');
      expect(ends, `batch ${id}`).toContain(error ? `${status}, ${error.code}` : status);
      const wrong = await contradictions(stores, batch, api.ledger(), () => false);
      expect(wrong, `batch ${id}`).toEqual([]);
    }
  },
);

/** An id that ends in 0 looks as if a spreadsheet had rounded it. */
const idOf = (life: number): number => 10 * life + 1;

/** Rows that live one after the other, each in a batch of its own, with a worker of its own. */
class RowLife {
  readonly batches: string[] = [];
  readonly #place: Workplace;
  readonly #stores: Stores;
  readonly #proxy: CommandProxy;
  readonly #manifestOf: (number: number) => string;

  constructor(
    place: Workplace,
    stores: Stores,
    proxy: CommandProxy,
    manifestOf: (number: number) => string,
  ) {
    this.#place = place;
    this.#stores = stores;
    this.#proxy = proxy;
    this.#manifestOf = manifestOf;
  }

  /**
   * Starts a worker and kills it instead of passing on the `nth` command that is about the new row's batch or the lease
   * of its call, or when the row has ended and left no job. What the worker leaves is the next one's. Returns how many commands were passed on.
   */
  async live(nth: number): Promise<number> {
    const id = `life-${String(this.batches.length + 1).padStart(3, '0')}`;
    await this.#import(id);
    const worker = this.#place.start(['worker']);
    let isKilled = false;
    this.#proxy.watch([id, LEASES], nth, () => {
      isKilled = true;
      worker.kill('SIGKILL');
    });
    while (!(isKilled || (await this.#isOver(id)))) await wait(LOOK_MS);
    const { count } = this.#proxy;
    worker.kill('SIGKILL');
    await worker.result();
    return count;
  }

  /** Lets a last worker do what the killed ones have left. */
  async end(): Promise<void> {
    const worker = this.#place.start(['worker']);
    this.#proxy.watch([], 0, () => undefined);
    const endMs = performance.now() + LONGEST_REST_MS;
    for (const id of this.batches) {
      while (!(await this.#isOver(id)) && performance.now() < endMs) await wait(LOOK_MS);
    }
    worker.kill('SIGTERM');
    await worker.result();
  }

  async #import(batchId: string): Promise<void> {
    this.batches.push(batchId);
    const signal = new AbortController().signal;
    const context = { ...this.#stores, now: Date.now, signal };
    await withManifest(this.#manifestOf(this.batches.length), (manifest) =>
      importBatch(context, manifest, { ...IMPORT_OPTIONS, batchId }),
    );
  }

  async #isOver(id: string): Promise<boolean> {
    const { store, queues } = this.#stores;
    const batch = await store.readBatch(id);
    if (batch?.state !== 'completed') return false;
    if (await queues.hasDispatch({ batchId: id, incarnation: batch.incarnation, epoch: 0 })) {
      return false;
    }
    return (await queues.findWithoutJob(batch, [1])).length === 1;
  }
}
