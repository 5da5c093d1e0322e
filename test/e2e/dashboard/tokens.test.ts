import { describe, expect } from 'vitest';
import { test } from '../e2e-test.ts';

describe.concurrent('tokens', () => {
  test('a token works at a running dashboard until it is revoked', async ({ place }) => {
    await place.redis();
    const dashboard = place.start(['dashboard', '--dashboard-port', '0']);
    await dashboard.waitForText('dashboard started');
    const url = await dashboard.firstLine();
    const ask = async (token: string): Promise<number> => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(new URL('/api/v1/batches', url), { headers })).status;
    };

    const created = await place.cli(['tokens', 'create', '--name', 'ci', '--scope', 'read']);
    const token = created.stdout.trim();
    const again = await place.cli(['tokens', 'create', '--name', 'ci', '--scope', 'operate']);
    const before = await ask(token);
    const list = await place.cli(['tokens']);
    const revoked = await place.cli(['tokens', 'revoke', 'ci']);
    const after = await ask(token);
    const unknown = await place.cli(['tokens', 'revoke', 'ci']);

    expect(token).toMatch(/^ks_ci_[\w-]{43}$/);
    expect(created.stderr).toContain('it cannot be shown again');
    expect([again.exitCode, again.stderr]).toEqual([
      2,
      expect.stringContaining('There is a token ci already.'),
    ]);
    expect([before, after]).toEqual([200, 401]);
    expect(list.stdout).toMatch(/^ci +read +created .* last used /);
    expect(list.stdout).not.toContain(token);
    expect([revoked.exitCode, revoked.stdout]).toEqual([0, 'The token ci is revoked.\n']);
    expect(unknown.exitCode).toBe(2);
  });

  test('what cannot be asked of a token is refused with what can', async ({ place }) => {
    await place.redis();
    for (const [flags, sentence] of [
      [['--name', 'c i', '--scope', 'read'], 'Use 1 to 40 letters, digits, dots and dashes'],
      [['--name', 'ci', '--scope', 'all'], 'Allowed choices are read, operate.'],
      [['--name', 'ci'], "required option '--scope <scope>'"],
      [['--name', 'ci', '--scope', 'read', '--expires', '1s'], 'Use a duration from 1m to 3650d'],
    ] as const) {
      const refused = await place.cli(['tokens', 'create', ...flags]);
      expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining(sentence)]);
    }
    const none = await place.cli(['tokens', 'list', '--json']);
    expect(none.stdout).toBe('');
  });
});
