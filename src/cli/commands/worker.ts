import type { Command } from 'commander';
import {
  addSettingFlags,
  DELIVERY_SETTINGS,
  flagsAsEnvironment,
  SCHEDULE_SETTINGS,
  WORKER_HTTP_SETTINGS,
  WORKER_SETTINGS,
} from '../options/options.ts';
import { loadSettings } from '../process/environment.ts';
import type { ExitCode } from '../process/exit.ts';
import { holdYoungGeneration } from '../process/small-heap.ts';

const WORKER_FLAGS = [
  ...WORKER_SETTINGS,
  ...SCHEDULE_SETTINGS,
  ...DELIVERY_SETTINGS,
  ...WORKER_HTTP_SETTINGS,
];

export function addWorkerCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('worker')
    .description(
      'Processes rows of all batches until you stop it. Run as many workers as you like, on any machine; they share the limits. ' +
        'On SIGTERM or SIGINT it takes no new rows and finishes the current ones within SHUTDOWN_GRACE; a second signal returns them to the queue.',
    );
  addSettingFlags(command, WORKER_FLAGS).addHelpText(
    'after',
    '\nExample:\n  kling-sessions worker --redis-url redis://queue:6379 --api-concurrency 10',
  );
  command.action(async (flags: object) => {
    const settings = loadSettings(flagsAsEnvironment(flags, WORKER_FLAGS));
    holdYoungGeneration();
    const { executeWorker } = await import('../actions/worker.ts');
    onExit(await executeWorker(settings));
  });
}
