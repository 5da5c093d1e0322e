import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const LOG = join(import.meta.dirname, '../../../../src/cli/process/log.ts');

/** The log line for an error as ioredis makes it, with the failed command attached. */
function logged(): string {
  const script = `
    import { createLog } from ${JSON.stringify(LOG)};
    const error = new Error('OOM while https://u:p@cdn.example/a.mp4?sig=SECRET1 was stored');
    error.command = { name: 'auth', args: ['SECRET2'] };
    (await createLog('info')).error({ err: error }, 'engine error');`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
  return spawnSync(process.execPath, args, { encoding: 'utf8' }).stderr;
}

test('an error in the log has its message, and neither its command nor a signed address', () => {
  const line = logged();
  expect(JSON.parse(line).err.message).toContain('OOM while https://');
  expect(line).not.toMatch(/SECRET/);
});
