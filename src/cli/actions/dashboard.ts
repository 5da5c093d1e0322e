import type { Installation } from '../../dashboard/dashboard-env.ts';
import type { DashboardPorts } from '../../dashboard/ports.ts';
import { type Dashboard, startDashboard } from '../../dashboard/start-dashboard.ts';
import { UploadStore } from '../../dashboard/uploads/upload-store.ts';
import { logLostChannels } from '../../lib/gate/log-lost-channels.ts';
import { EveryQueue } from '../../lib/queue/every-queue.ts';
import { readinessOf } from '../../lib/redis/readiness.ts';
import { reopenEnded } from '../../lib/redis/reopen-ended.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { listWorkers } from '../../lib/store/redis/worker-registry.ts';
import { limitsOf } from '../../library/wiring/gate-policy.ts';
import { keepBulkActions } from '../../library/wiring/services/bulk-service.ts';
import { openStores, type Stores } from '../../library/wiring/stores.ts';
import type { DataFlags } from '../options/data-flags.ts';
import { machineZone } from '../options/machine-zone.ts';
import { CliError, EXIT, type ExitCode } from '../process/exit.ts';
import { createLog } from '../process/log.ts';
import { reportReady } from '../process/service-manager.ts';
import { listenForStop, type StopSignals, untilAborted } from '../process/signals.ts';
import { growHeapSlowly } from '../process/small-heap.ts';
import { createTerminal } from '../process/terminal.ts';
import { readVersion } from '../process/version.ts';
import { openAccess } from '../wiring/dashboard-access.ts';
import { ProducerImports } from '../wiring/manifest-imports.ts';
import { openMetrics } from '../wiring/metrics.ts';
import { openBatchData } from '../wiring/private-redis/batch-data.ts';

export async function executeDashboard(given: Settings, flags: DataFlags): Promise<ExitCode> {
  const log = await createLog(given.LOG_LEVEL, given.LOG_FORMAT);
  const terminal = createTerminal(process.env);
  using signals = listenForStop(0);
  const openAccessTo = await openAccess(given, log);
  await using data = await openBatchData(given, flags, terminal);
  const { settings, isOfRun, space } = data;
  await using stores = await openStores(settings, {
    name: 'kling-sessions-dashboard',
    patience: 'resilient',
    isOfRun,
    ...(space && { space }),
  });
  await using uploads = await UploadStore.open(settings.DASHBOARD_UPLOAD_MAX_BYTES, Date.now);
  await using everyQueue = new EveryQueue(stores.redis, stores.keys);
  await using manifests = new ProducerImports(settings, stores, log);
  using bulkActions = keepBulkActions(stores, { now: Date.now, log });
  const wakeBulk = (): void => bulkActions.wake();
  const parts = { everyQueue, uploads, manifests, wakeBulk, log };
  await using dashboard = await startOrExit(settings, {
    ports: { ...portsOf(settings, stores, signals), ...parts },
    access: openAccessTo(stores),
  });
  using connections = reopenEnded(stores.connections, log);
  logLostChannels(stores.gateStore, log);
  growHeapSlowly();
  terminal.print(dashboard.url);
  log.info({ url: dashboard.url }, 'dashboard started');
  using _service = reportReady(process.env);
  await untilAborted(AbortSignal.any([signals.stopping, connections.broken]));
  // A supervisor starts a process again that ends so.
  return connections.broken.aborted ? EXIT.unavailable : EXIT.ok;
}

/** @throws CliError (2) when the address is in use or does not belong to this machine. */
async function startOrExit(
  settings: Settings,
  options: Pick<Parameters<typeof startDashboard>[0], 'ports' | 'access'>,
): Promise<Dashboard> {
  try {
    return await startDashboard({
      ...options,
      host: settings.DASHBOARD_HOST,
      port: settings.DASHBOARD_PORT,
      proxies: settings.DASHBOARD_TRUST_PROXY,
      installation: installationOf(settings),
    });
  } catch (error) {
    throw new CliError(EXIT.usage, error instanceof Error ? error.message : String(error));
  }
}

function installationOf(settings: Settings): Installation {
  const { DASHBOARD_NAME: name = null, DASHBOARD_PRACTICE: practice } = settings;
  const { hostname } = new URL(settings.API_BASE_URL);
  const isSandbox = practice === 'auto' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return { name, isPractice: practice === 'yes' || isSandbox };
}

function portsOf(
  settings: Settings,
  stores: Stores,
  signals: StopSignals,
): Omit<DashboardPorts, 'everyQueue' | 'log' | 'uploads' | 'manifests' | 'wakeBulk'> {
  const ownLimits = limitsOf(settings);
  return {
    ...stores,
    machineZone,
    reportFolders: settings.REPORT_FOLDERS,
    listWorkers: () => listWorkers(stores.redis, stores.keys),
    ownLimits,
    metrics: openMetrics(stores, ownLimits),
    readiness: readinessOf(stores.redis, signals.stopping),
    version: readVersion(),
    now: Date.now,
  };
}
