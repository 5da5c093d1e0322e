import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, onTestFinished, test, vi } from 'vitest';
import { addRunCommand } from '../../../src/cli/commands/run.ts';
import { addSandboxCommand } from '../../../src/cli/commands/sandbox.ts';
import { startSandbox } from '../../../src/sandbox/start-sandbox.ts';
import { callSandbox, GOOD_PAIR } from './call-sandbox.ts';

test('the API base URL is the origin and /kling', async () => {
  await using sandbox = await startSandbox({ port: 0 });
  expect(sandbox.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(sandbox.apiBaseUrl).toBe(`${sandbox.url}/kling`);
});

test('a port that is taken is named, with a solution', async () => {
  await using first = await startSandbox({ port: 0 });
  const port = Number(new URL(first.url).port);
  await expect(startSandbox({ port })).rejects.toThrow(
    `Port ${port} is taken by another program. Stop it, or choose another port with --sandbox-port (0 takes any free one).`,
  );
  for (const add of [addSandboxCommand, addRunCommand]) {
    const program = new Command();
    add(program, () => undefined);
    expect(program.commands[0]?.options.map(({ long }) => long)).toContain('--sandbox-port');
  }
});

test('only one’s own key is accepted once it is set', async () => {
  await using sandbox = await startSandbox({ port: 0, latencyMs: 0, apiKey: 'mine' });
  const withMine = { headers: { authorization: 'Bearer mine' } };
  expect((await callSandbox(sandbox, GOOD_PAIR, withMine)).status).toBe(200);
  expect((await callSandbox(sandbox)).status).toBe(401);
});

test('a latency is chosen from its range', async () => {
  const options = { port: 0, latencyMs: { min: 50, max: 10_050 }, random: () => 0.01 };
  await using sandbox = await startSandbox(options);
  await callSandbox(sandbox);
  const [call] = sandbox.ledger().calls;
  const tookMs = (call?.endedAtMs ?? 0) - (call?.arrivedAtMs ?? 0);
  expect(tookMs).toBeGreaterThanOrEqual(148);
  expect(tookMs).toBeLessThan(5000);
});

test('a scenario that does not exist prevents the start', async () => {
  await expect(startSandbox({ port: 0, scenario: 'no-such-name' })).rejects.toThrow(/no-such-name/);
});

test('closing cuts idle and hanging connections, frees the port, and may run twice', async () => {
  const sandbox = await startSandbox({ port: 0, latencyMs: 60_000 });
  const port = Number(new URL(sandbox.url).port);
  const idle = connect(port, '127.0.0.1');
  await once(idle, 'connect');
  const hanging = expect(callSandbox(sandbox)).rejects.toThrow();
  await expect.poll(() => sandbox.ledger().inFlight, { timeout: 5000 }).toBe(1);
  await sandbox.close();
  await sandbox.close();
  await hanging;
  if (!idle.destroyed) await once(idle, 'close');
  expect(sandbox.ledger()).toMatchObject({ inFlight: 0, calls: [{ result: 'none' }] });
  await using again = await startSandbox({ port });
  expect(again.url).toBe(sandbox.url);
});

test('closing leaves no downloaded clip behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-test-'));
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });
  const sandbox = await startSandbox({ port: 0 });
  const video_url = `${sandbox.url}/videos/slow/60000/good.mp4`;
  const hanging = expect(callSandbox(sandbox, { video_url })).rejects.toThrow();
  await expect.poll(() => readdir(folder), { timeout: 5000 }).toHaveLength(1);
  await sandbox.close();
  await hanging;
  expect(await readdir(folder)).toEqual([]);
});
