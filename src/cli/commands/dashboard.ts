import { type Command, Option } from 'commander';
import type { SettingName } from '../../lib/settings/settings.ts';
import type { HashPasswordFlags } from '../actions/hash-password.ts';
import { addDataFlags, type DataFlags } from '../options/data-flags.ts';
import { addSettingFlags, flagsAsEnvironment } from '../options/options.ts';
import { loadSettings } from '../process/environment.ts';
import type { ExitCode } from '../process/exit.ts';

const SETTING_FLAGS: readonly SettingName[] = [
  'DASHBOARD_NAME',
  'DASHBOARD_HOST',
  'DASHBOARD_PORT',
  'DASHBOARD_USERS',
  'DASHBOARD_UPLOAD_MAX_BYTES',
  'DASHBOARD_TRUST_PROXY',
  'DASHBOARD_AUTH_HEADER',
  'DASHBOARD_GROUPS_HEADER',
  'DASHBOARD_OPERATOR_GROUPS',
  'DASHBOARD_VIEWER_GROUPS',
  'REDIS_URL',
  'API_CONCURRENCY',
  'API_RATE_PER_SECOND',
  'LOG_LEVEL',
];

export function addDashboardCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const dashboard = program
    .command('dashboard')
    .description(
      'Serves pages that show and steer batches, gate and limits. On this machine alone unless there are users.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  kling-sessions dashboard' +
        '\n  DASHBOARD_PASSWORD=… kling-sessions dashboard --dashboard-host 0.0.0.0',
    );
  const serve = dashboard
    .command('serve', { isDefault: true })
    .description('Serves the pages until it is stopped.');
  addSettingFlags(addDataFlags(serve), SETTING_FLAGS).action(async (flags: DataFlags) => {
    const settings = loadSettings(flagsAsEnvironment(flags, SETTING_FLAGS));
    const { executeDashboard } = await import('../actions/dashboard.ts');
    onExit(await executeDashboard(settings, flags));
  });
  dashboard
    .command('hash-password')
    .description('Reads a password, and prints a user for the file of users.')
    .argument('<name>', 'the name to log in with')
    .addOption(
      new Option('--role <role>', 'a viewer changes nothing')
        .choices(['operator', 'viewer'])
        .default('operator'),
    )
    .action(async (name: string, flags: HashPasswordFlags) => {
      const { executeHashPassword } = await import('../actions/hash-password.ts');
      onExit(await executeHashPassword(name, flags));
    });
}
