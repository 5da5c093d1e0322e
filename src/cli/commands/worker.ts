import type { Command } from 'commander';
import type { SettingName } from '../../lib/settings.ts';
import { loadSettings } from '../environment.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { createLog } from '../log.ts';
import { addSettingFlags, flagsAsEnvironment } from '../options.ts';
import { listenForStop } from '../signals.ts';
import { openStores } from '../stores.ts';
import { requireKey, startWorker } from '../worker-runtime.ts';

const SETTING_FLAGS: readonly SettingName[] = [
  'API_BASE_URL',
  'API_CONCURRENCY',
  'API_RATE_PER_SECOND',
  'API_TIMEOUT',
  'MAX_ATTEMPTS',
  'MAX_UNCONFIRMED',
  'ROW_DEADLINE',
  'SEND_TASK_ID',
  'GATE_PAUSE',
  'THROTTLE_LIMIT',
  'SHUTDOWN_GRACE',
  'REDIS_URL',
  'PROBE_CONCURRENCY',
  'PROBE_TIMEOUT',
  'PROBE_MAX_BYTES',
  'PROBE_ALLOW_HOSTS',
  'FFPROBE_PATH',
  'LOG_LEVEL',
];

export function addWorkerCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('worker')
    .summary('process rows until told to stop')
    .description(
      'Processes rows of all batches until told to stop. Any number may run, on any machine; the limits hold for all of them together. ' +
        'SIGTERM or SIGINT: takes nothing new and finishes what runs within SHUTDOWN_GRACE; a second one hands it back.',
    );
  addSettingFlags(command, SETTING_FLAGS).addHelpText(
    'after',
    '\nExample:\n  kling-sessions worker --redis-url redis://queue:6379 --api-concurrency 10',
  );
  command.action(async (flags: Record<string, unknown>) => onExit(await run(flags)));
}

async function run(flags: Record<string, unknown>): Promise<ExitCode> {
  const settings = loadSettings(flagsAsEnvironment(flags, SETTING_FLAGS));
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
  await new Promise((resolve) =>
    signals.stopping.addEventListener('abort', resolve, { once: true }),
  );
  return EXIT.ok;
}
