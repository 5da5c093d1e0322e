import { Redis } from 'ioredis';
import { describe, expect } from 'vitest';
import { klingManifest, test, type Workplace } from '../e2e/e2e-test.ts';
import type { CliProcess } from '../setup/cli-process.ts';
import { startPrivateRedis } from '../setup/redis/private-redis.ts';
import { startTcpProxy } from './tcp-proxy.ts';

const UNAVAILABLE = 75;

async function tell(url: string, ...command: [string, ...string[]]): Promise<unknown> {
  const redis = new Redis(url);
  try {
    return await redis.call(...command);
  } finally {
    redis.disconnect();
  }
}

const count = (text: string, part: string): number => text.split(part).length - 1;

async function msUntilEnd(command: CliProcess, strike: () => void): Promise<number> {
  const struckMs = Date.now();
  strike();
  await command.result();
  return Date.now() - struckMs;
}

async function imported(place: Workplace, rows: number): Promise<string> {
  await place.write('clips.csv', klingManifest(rows));
  return (await place.cli(['import', 'clips.csv'])).stdout.trim();
}

/** All commands that need Redis; their work does not matter, because they do not get that far. */
const COMMANDS = [
  ...['run clips.csv', 'worker', 'dashboard --dashboard-port 0'],
  ...['import clips.csv', 'import clips.csv --wait', 'import clips.csv --diff a-batch'],
  ...[
    'batches',
    'batches set-priority a-batch 20',
    'batches set-max-sessions a-batch 20',
    'batches rm a-batch',
  ],
  ...['status a-batch', 'status a-batch --watch', 'row a-batch 1', 'results a-batch'],
  ...['verify a-batch', 'verify a-batch --repair'],
  ...['pause a-batch', 'resume a-batch', 'cancel a-batch', 'retry a-batch', 'refresh a-batch'],
  ...['gate', 'gate open', 'gate set --rate 1'],
  ...['schedule list', 'schedule show nightly', 'schedule run nightly'],
];

describe.concurrent('Redis that accepts connections and never answers', () => {
  test.for(COMMANDS)(
    '`%s` ends with exit 75 within 5 s if Redis accepts connections and never answers',
    async (command, { place }) => {
      await place.api();
      await place.write('clips.csv', klingManifest(1));
      await using proxy = await startTcpProxy(0, { isShut: true });
      const env = { REDIS_URL: `redis://127.0.0.1:${proxy.port}` };
      const started = place.start(command.split(' '), { env });
      // From here on, because the start of a process takes a different time on each machine.
      await proxy.connected;
      const connectedMs = Date.now();
      const { exitCode, stderr } = await started.result();
      expect({ exitCode, stderr }).toEqual({
        exitCode: UNAVAILABLE,
        stderr: expect.stringContaining('no answer within 3 s'),
      });
      expect(Date.now() - connectedMs).toBeLessThan(5_000);
    },
  );
});

// Without a signal, from its own clock.
test('a Redis that hangs in the middle of a command ends the command with exit 75 within 5 s', async ({
  place,
}) => {
  const redis = await place.redis();
  await place.api();
  await imported(place, 10);
  const watch = async (): Promise<CliProcess> => {
    const watching = place.start(['import', 'clips.csv', '--wait']);
    await watching.waitForText('Ctrl-C leaves it running');
    return watching;
  };
  const left = await watch();
  const leavingMs = await msUntilEnd(left, () => left.kill('SIGINT'));

  const cut = await watch();
  const cutMs = await msUntilEnd(cut, () => redis.signal('SIGSTOP'));
  redis.signal('SIGCONT');

  expect(await cut.result()).toMatchObject({
    exitCode: UNAVAILABLE,
    stderr: expect.stringContaining('Redis failed'),
  });
  // Minus the time that a process takes to end on this machine.
  expect(cutMs - leavingMs).toBeLessThan(5_000);
});

describe.concurrent('Redis', () => {
  test('a Redis that crashes in the middle of an import ends it with exit 75, and the same command resumes', async ({
    place,
  }) => {
    const redis = await place.redis();
    await place.api();
    const rows = 30_000;
    const manifest = klingManifest(rows);
    await using proxy = await startTcpProxy(redis.port, { delayMs: 100 });
    const importing = place.start(['import', '-', '--json'], {
      stdin: manifest,
      env: { REDIS_URL: `redis://127.0.0.1:${proxy.port}` },
    });
    await untilStored(redis.url);
    await redis.kill();
    const { exitCode, stderr } = await importing.result();
    expect({ exitCode, stderr }).toEqual({
      exitCode: UNAVAILABLE,
      stderr: expect.stringContaining('Try again'),
    });

    await redis.restart();
    const again = await place.cli(['import', '-'], { stdin: manifest });
    expect(again.exitCode).toBe(0);
    const verify = await place.cli(['verify', again.stdout.trim()]);
    expect(verify).toMatchObject({
      exitCode: 0,
      stdout: '30,000 rows = 0 outcomes + 30,000 pending\n',
    });
  });

  test('a Redis that is full ends an import with exit 75; with more memory the same command resumes', async ({
    place,
  }) => {
    const redis = await place.redis();
    await place.api();
    const manifest = klingManifest(100_000);
    const used = /used_memory:(\d+)/.exec(String(await tell(redis.url, 'INFO', 'memory')))?.[1];
    await tell(redis.url, 'CONFIG', 'SET', 'maxmemory', String(Number(used) + 500_000));
    const full = await place.cli(['import', '-'], { stdin: manifest });
    expect(full.exitCode).toBe(UNAVAILABLE);
    expect(full.stderr).toContain('maxmemory');

    await tell(redis.url, 'CONFIG', 'SET', 'maxmemory', '100mb');
    const again = await place.cli(['import', '-'], { stdin: manifest });
    expect(again.exitCode).toBe(0);
    expect((await place.cli(['verify', again.stdout.trim()])).stdout).toBe(
      '100,000 rows = 0 outcomes + 100,000 pending\n',
    );
  });

  test('a Redis that fills up while rows are processed loses no row and causes no second call', async ({
    place,
  }) => {
    const redis = await place.redis();
    const api = await place.api({ delayMs: 20 });
    const id = await imported(place, 300);
    const worker = place.start(['worker']);
    await api.waitForCalls(50);
    await tell(redis.url, 'CONFIG', 'SET', 'maxmemory', '1mb');
    await worker.waitForText('redis lost');
    await tell(redis.url, 'CONFIG', 'SET', 'maxmemory', '0');
    expect((await place.cli(['import', 'clips.csv', '--wait'])).exitCode).toBe(0);
    expect((await place.cli(['verify', id])).exitCode).toBe(0);
    expect(api.calls).toHaveLength(300);
  });

  test('a Redis that is full is reported by status, lets a batch be paused, and gets room by removing another', async ({
    place,
  }) => {
    const redis = await place.redis();
    const api = await place.api({ delayMs: 20 });
    await place.write('old.csv', klingManifest(5, 1_000));
    await place.cli(['import', 'old.csv', '--batch', 'old']);
    await place.cli(['cancel', 'old']);
    const id = await imported(place, 300);
    const worker = place.start(['worker']);
    await api.waitForCalls(50);
    await tell(redis.url, 'CONFIG', 'SET', 'maxmemory', '1mb');
    await worker.waitForText('redis lost');

    const status = await place.cli(['status', id]);
    const paused = await place.cli(['pause', id, '--reason', 'no room']);
    const removed = await place.cli(['batches', 'rm', 'old']);

    expect(status).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('It is full: raise its maxmemory or remove batches.'),
    });
    expect(status.stdout).not.toContain('No worker is running');
    expect(paused).toMatchObject({ exitCode: 0, stderr: '' });
    expect(removed).toMatchObject({ exitCode: 0, stderr: '' });
    await tell(redis.url, 'CONFIG', 'SET', 'maxmemory', '0');
    expect((await place.cli(['status', id])).stdout).toContain('Paused: no room');
    expect((await place.cli(['resume', id])).exitCode).toBe(0);
    expect((await place.cli(['import', 'clips.csv', '--wait'])).exitCode).toBe(0);
    expect(api.calls).toHaveLength(300);
  });

  test('a Redis that is a read-only replica ends commands that write with exit 75', async ({
    place,
  }) => {
    await using primary = await startPrivateRedis();
    await place.redis(['--replicaof', `127.0.0.1 ${primary.port}`]);
    await place.api();
    await place.write('clips.csv', klingManifest(1));
    const { exitCode, stderr } = await place.cli(['import', 'clips.csv']);
    expect(exitCode).toBe(UNAVAILABLE);
    expect(stderr).toContain('READONLY');
  });

  test('a Redis that takes 200 ms for every command slows everything down and breaks nothing', async ({
    place,
  }) => {
    const redis = await place.redis();
    const api = await place.api({ delayMs: 20 });
    await using proxy = await startTcpProxy(redis.port, { delayMs: 200 });
    place.env.REDIS_URL = `redis://127.0.0.1:${proxy.port}`;
    const id = await imported(place, 40);
    place.start(['worker', '--api-concurrency', '20']);
    expect((await place.cli(['import', 'clips.csv', '--wait'])).exitCode).toBe(0);
    expect((await place.cli(['verify', id])).exitCode).toBe(0);
    expect(api.calls).toHaveLength(40);
  });

  test('a Redis whose machine stops answering is found again at its address, and the batch continues', async ({
    place,
  }) => {
    const redis = await place.redis();
    const api = await place.api({ delayMs: 50 });
    await using proxy = await startTcpProxy(redis.port);
    const id = await imported(place, 200);
    const worker = place.start(['worker'], {
      env: { REDIS_URL: `redis://127.0.0.1:${proxy.port}` },
    });
    await api.waitForCalls(20);
    proxy.fallSilent();
    await worker.waitForText('redis is back');
    expect((await place.cli(['import', 'clips.csv', '--wait'])).exitCode).toBe(0);
    expect((await place.cli(['verify', id])).exitCode).toBe(0);
    expect(count(worker.stderrSoFar(), 'redis lost')).toBe(1);
    expect(worker.stderrSoFar()).not.toContain('engine error');
  });

  test.for([
    ['killed and started again', (redis: Restartable) => redis.kill()],
    ['stopped', async (redis: Restartable) => redis.signal('SIGSTOP')],
  ] as const)(
    'a Redis that is %s is missed once and welcomed once',
    async ([, strike], { place }) => {
      const redis = await place.redis();
      const api = await place.api({ delayMs: 50 });
      const id = await imported(place, 200);
      const worker = place.start(['worker']);
      await api.waitForCalls(20);
      await strike(redis);
      await worker.waitForText('redis lost, waiting for it');
      redis.signal('SIGCONT');
      await redis.restart();
      await worker.waitForText('redis is back');
      expect((await place.cli(['import', 'clips.csv', '--wait'])).exitCode).toBe(0);
      worker.kill('SIGTERM');
      const { stderr } = await worker.result();
      expect([count(stderr, 'redis lost'), count(stderr, 'redis is back')]).toEqual([1, 1]);
      expect((await place.cli(['verify', id])).exitCode).toBe(0);
    },
  );

  test('a Redis that is empty after a failover is noticed by verify, and the same import repairs it', async ({
    place,
  }) => {
    const redis = await place.redis();
    await place.api();
    const id = await imported(place, 20);
    const worker = place.start(['worker']);
    await place.cli(['import', 'clips.csv', '--wait']);
    await tell(redis.url, 'FLUSHALL');
    const verify = await place.cli(['verify', id]);
    expect(verify.exitCode).toBe(2);
    expect(verify.stderr).toContain(id);
    const again = await place.cli(['import', 'clips.csv', '--wait', '--json']);
    expect(JSON.parse(again.stdout).batch).toMatchObject({ id, counts: { succeeded: 20 } });
    expect((await place.cli(['verify', id])).exitCode).toBe(0);
    expect(worker.isRunning).toBe(true);
  });
});

interface Restartable {
  kill(): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

/** Until some chunk of an import is stored. */
async function untilStored(url: string): Promise<void> {
  const redis = new Redis(url);
  try {
    while ((await redis.keys('*:rows:3')).length === 0) await redis.ping();
  } finally {
    redis.disconnect();
  }
}
