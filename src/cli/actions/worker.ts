import type { Settings } from '../../lib/settings.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { createLog } from '../log.ts';
import { listenForStop, untilAborted } from '../signals.ts';
import { openStores } from '../stores.ts';
import { requireKey, startWorker } from '../worker-runtime.ts';

export async function executeWorker(settings: Settings): Promise<ExitCode> {
  requireKey(settings);
  const log = createLog(settings.LOG_LEVEL);
  using signals = listenForStop(settings.SHUTDOWN_GRACE, (signal) =>
    log.info({ signal }, 'worker stopping'),
  );
  await using stores = await openStores(settings, {
    name: 'kling-sessions-worker',
    patience: 'patient',
  });
  await using _worker = await startWorker(settings, stores, signals, log);
  log.info(
    { concurrency: settings.API_CONCURRENCY, apiBaseUrl: settings.API_BASE_URL },
    'worker started',
  );
  await untilAborted(signals.stopping);
  return EXIT.ok;
}
