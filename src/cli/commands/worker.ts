import type { Command } from 'commander';
import {
  addSettingFlags,
  flagsAsEnvironment,
  SCHEDULE_SETTINGS,
  WORKER_HTTP_SETTINGS,
  WORKER_SETTINGS,
} from '../options/options.ts';
import { loadSettings } from '../process/environment.ts';
import type { ExitCode } from '../process/exit.ts';

const WORKER_FLAGS = [...WORKER_SETTINGS, ...SCHEDULE_SETTINGS, ...WORKER_HTTP_SETTINGS];

export function addWorkerCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('worker')
    .description(
      'Processes rows of all batches until told to stop. Any number may run, on any machine; the limits hold for all of them together. ' +
        'SIGTERM or SIGINT: takes nothing new and finishes what runs within SHUTDOWN_GRACE; a second one hands it back.',
    );
  addSettingFlags(command, WORKER_FLAGS).addHelpText(
    'after',
    '\nExample:\n  kling-sessions worker --redis-url redis://queue:6379 --api-concurrency 10',
  );
  command.action(async (flags: object) => {
    const settings = loadSettings(flagsAsEnvironment(flags, WORKER_FLAGS));
    const { executeWorker } = await import('../actions/worker.ts');
    onExit(await executeWorker(settings));
  });
}
