import type { Command } from 'commander';
import type { SettingName } from '../../lib/settings.ts';
import { loadSettings } from '../environment.ts';
import type { ExitCode } from '../exit.ts';
import { addSettingFlags, flagsAsEnvironment } from '../options.ts';

const SETTING_FLAGS: readonly SettingName[] = [
  'API_BASE_URL',
  'API_CONCURRENCY',
  'API_RATE_PER_SECOND',
  'API_TIMEOUT',
  'MAX_ATTEMPTS',
  'MAX_UNCONFIRMED',
  'ROW_DEADLINE',
  'SEND_TASK_ID',
  'RETRY_PAUSE',
  'THROTTLE_PAUSE',
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
  command.action(async (flags: object) => {
    const settings = loadSettings(flagsAsEnvironment(flags, SETTING_FLAGS));
    const { executeWorker } = await import('../actions/worker.ts');
    onExit(await executeWorker(settings));
  });
}
