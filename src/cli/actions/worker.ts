import type { OpenServer } from '../../lib/network/open-server.ts';
import { readinessOf } from '../../lib/redis/readiness.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { requireCredentials } from '../../library/wiring/credentials.ts';
import { gatePolicyOf } from '../../library/wiring/gate-policy.ts';
import { openStores, type Stores } from '../../library/wiring/stores.ts';
import { type RunningWorker, startWorker } from '../../library/wiring/worker-runtime.ts';
import { searchPath } from '../process/environment.ts';
import { CliError, EXIT, type ExitCode } from '../process/exit.ts';
import { createLog } from '../process/log.ts';
import { reportReady } from '../process/service-manager.ts';
import { listenForStop, type StopSignals, untilAborted } from '../process/signals.ts';
import { releaseYoungGeneration } from '../process/small-heap.ts';
import { readVersion } from '../process/version.ts';

export async function executeWorker(settings: Settings): Promise<ExitCode> {
  requireCredentials(settings);
  const log = await createLog(settings.LOG_LEVEL, settings.LOG_FORMAT);
  using signals = listenForStop(settings.SHUTDOWN_GRACE, (signal) =>
    log.info({ signal }, 'worker stopping'),
  );
  await using stores = await openStores(settings, {
    name: 'kling-sessions-worker',
    patience: 'patient',
  });
  let working: RunningWorker | null = null;
  await using http = await serveMachines(settings, stores, signals, () => working);
  await using worker = await startWorker(settings, stores, signals, log, {
    runsSchedules: true,
    searchPath: searchPath(),
    version: readVersion(),
  });
  working = worker;
  releaseYoungGeneration();
  if (http !== null) log.info({ url: http.url }, 'worker listens');
  log.info(
    { concurrency: settings.API_CONCURRENCY, apiBaseUrl: settings.API_BASE_URL },
    'worker started',
  );
  using _service = reportReady(process.env);
  await untilAborted(AbortSignal.any([signals.stopping, worker.broken]));
  if (!worker.broken.aborted) return EXIT.ok;
  // A supervisor starts a process again that ends so, also when the grace period is over.
  process.exitCode = EXIT.unavailable;
  signals.stop();
  return EXIT.unavailable;
}

/** @throws CliError (2) when the address is in use or does not belong to this machine. */
async function serveMachines(
  settings: Settings,
  stores: Stores,
  signals: StopSignals,
  working: () => RunningWorker | null,
): Promise<OpenServer | null> {
  const { WORKER_HTTP_PORT: port, WORKER_HTTP_HOST: host } = settings;
  if (port === undefined) return null;
  const { openMetrics } = await import('../wiring/metrics.ts');
  const { startWorkerHttp } = await import('../../worker/worker-http.ts');
  const metrics = openMetrics(stores, gatePolicyOf(settings));
  const answers = readinessOf(stores.redis, signals.stopping);
  const readiness = async () => {
    const worker = working();
    if (worker === null) return 'It is starting.';
    const outage = worker.outage();
    return (await answers()) ?? (outage === null ? null : `It waits for Redis: ${outage}.`);
  };
  return await startWorkerHttp({ host, port, metrics, readiness }).catch((error: Error) => {
    throw new CliError(EXIT.usage, error.message);
  });
}
