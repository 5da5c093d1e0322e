import type { ProbeResult, Prober } from './prober.ts';

/**
 * Remembers what was read at a URL. It holds whole URLs, signatures included: an adapter that stores them
 * elsewhere should key by a hash.
 */
export interface ProbeCache {
  /** Null when nothing is known. Must not throw: a cache that is ill knows nothing. */
  get(videoUrl: string): Promise<ProbeResult | null>;
  /** May forget at any time. Must not throw. */
  set(videoUrl: string, result: ProbeResult): Promise<void>;
}

/**
 * A prober that asks the cache first. Probes of one URL at one time share a single reading; failures
 * that may pass are not remembered.
 */
export function withProbeCache(prober: Prober, cache: ProbeCache): Prober {
  const running = new Map<string, SharedProbe>();
  return {
    async probe(videoUrl, { signal }) {
      signal.throwIfAborted();
      const shared = running.get(videoUrl) ?? startShared(videoUrl, { prober, cache, running });
      return joinShared(shared, signal);
    },
  };
}

interface SharedProbe {
  result: Promise<ProbeResult>;
  /** Aborted when nobody waits any more. */
  controller: AbortController;
  waiting: number;
}

interface Parts {
  prober: Prober;
  cache: ProbeCache;
  running: Map<string, SharedProbe>;
}

function startShared(videoUrl: string, { prober, cache, running }: Parts): SharedProbe {
  const controller = new AbortController();
  const result = readThrough(videoUrl, { prober, cache, signal: controller.signal }).finally(() => {
    if (running.get(videoUrl) === shared) {
      running.delete(videoUrl);
    }
  });
  const shared: SharedProbe = { result, controller, waiting: 0 };
  running.set(videoUrl, shared);
  controller.signal.addEventListener('abort', () => running.delete(videoUrl), { once: true });
  // When all who waited have left, nobody is there to hear of its end.
  result.catch(() => {});
  return shared;
}

async function readThrough(
  videoUrl: string,
  { prober, cache, signal }: { prober: Prober; cache: ProbeCache; signal: AbortSignal },
): Promise<ProbeResult> {
  const known = await cache.get(videoUrl);
  if (known !== null) {
    return { ...known, cost: { durationMs: 0, requests: 0, bytesRead: 0 } };
  }
  const result = await prober.probe(videoUrl, { signal });
  if (result.kind !== 'unreadable' || !result.failure.isRetryable) {
    await cache.set(videoUrl, result);
  }
  return result;
}

/** One who is aborted leaves; the reading goes on for the others. */
function joinShared(shared: SharedProbe, signal: AbortSignal): Promise<ProbeResult> {
  shared.waiting += 1;
  return new Promise((resolve, reject) => {
    const leave = () => {
      shared.waiting -= 1;
      if (shared.waiting === 0) {
        shared.controller.abort(signal.reason);
      }
      reject(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    shared.result.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}

/** A cache in memory that forgets the URL whose turn was longest ago. `maxEntries` default 10,000. */
export function createMemoryProbeCache(maxEntries = 10_000): ProbeCache {
  const entries = new Map<string, ProbeResult>();
  return {
    async get(videoUrl) {
      const result = entries.get(videoUrl);
      if (result === undefined) {
        return null;
      }
      entries.delete(videoUrl);
      entries.set(videoUrl, result);
      return result;
    },
    async set(videoUrl, result) {
      entries.delete(videoUrl);
      entries.set(videoUrl, result);
      const [oldest] = entries.keys();
      if (entries.size > maxEntries && oldest !== undefined) {
        entries.delete(oldest);
      }
    },
  };
}
