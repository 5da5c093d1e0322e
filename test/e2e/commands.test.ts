import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { videoFolder } from '../setup/video-server.ts';
import { klingManifest, test } from './e2e-test.ts';

describe.concurrent('help', () => {
  test('lists every command, and each has an example', async ({ place }) => {
    const { exitCode, stdout } = await place.cli(['--help']);
    const names = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1] ?? '');
    const commands = names.filter((name) => name !== 'help');

    const helps = await Promise.all(commands.map((name) => place.cli([name, '--help'])));

    expect(exitCode).toBe(0);
    expect(commands).toEqual(
      expect.arrayContaining(['run', 'import', 'worker', 'verify', 'doctor']),
    );
    for (const help of helps) {
      expect(help.exitCode).toBe(0);
      expect(help.stdout).toMatch(/Examples?:\n {2}kling-sessions /);
    }
  });

  test('--version prints version, commit and date', async ({ place }) => {
    expect(await place.cli(['--version'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+ \(commit .+, built \d{4}-\d\d-\d\d\)\n$/),
    });
  });
});

describe.concurrent('doctor', () => {
  test('finds no problem on a working machine', async ({ place }) => {
    await place.redis();
    await place.api();

    const { exitCode, stdout } = await place.cli(['doctor', '--json']);

    expect(exitCode).toBe(0);
    const { findings } = JSON.parse(stdout);
    expect(findings.map(({ grade }: { grade: string }) => grade)).not.toContain('bad');
    expect(stdout).not.toContain('test-key');
  });

  test('says how to fix each problem', async ({ place }) => {
    await place.redis(['--maxmemory-policy', 'volatile-lru', '--appendonly', 'no']);

    const { exitCode, stdout } = await place.cli(['doctor']);

    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/bad +Redis .*noeviction/);
    expect(stdout).toMatch(/warning +key .*COMETAPI_KEY.*operations.md, “Settings”/);
  });

  test('says of each folder for reports whether it can be written to', async ({ place }) => {
    await place.redis();
    await place.write('file', '');
    const folders = [place.folder, place.path('file'), place.path('none'), '/proc'];

    const { exitCode, stdout } = await place.cli(['doctor'], {
      env: { REPORT_FOLDERS: folders.join(',') },
    });

    expect(exitCode).toBe(2);
    const lines = stdout.split('\n').filter((line) => /^(ok|bad) +reports /.test(line));
    expect(lines.map((line) => line.replace(/ +/g, ' '))).toEqual([
      `ok reports ${folders[0]} can be written to`,
      expect.stringContaining(`bad reports ${folders[1]} takes no reports: it is not a folder.`),
      expect.stringContaining('it does not exist on this machine; create it.'),
      expect.stringContaining('bad reports /proc takes no reports: it belongs to the system.'),
    ]);
  });
});

describe.concurrent('probe', () => {
  test('judges files and addresses, and reports all of them', async ({ place }) => {
    const videos = await place.videos();
    const good = join(await videoFolder(), 'good.mp4');

    const accepted = await place.cli(['probe', good, videos.urlOf('good.mov')]);
    const mixed = await place.cli(['probe', '--json', videos.urlOf('short.mp4'), good, 'gone.mp4']);

    expect(accepted).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('720×1280') });
    expect(mixed.exitCode).toBe(3);
    const verdicts = mixed.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).verdict);
    expect(verdicts).toEqual(['rejected', 'accepted', 'failed']);
  });

  test('reads no internal addresses unless they are allowed', async ({ place }) => {
    const videos = await place.videos();

    const { exitCode, stdout } = await place.cli(['probe', videos.urlOf('good.mp4')], {
      env: { PROBE_ALLOW_HOSTS: '' },
    });

    expect(exitCode).toBe(3);
    expect(stdout).toContain('PROBE_ALLOW_HOSTS');
  });
});

describe.concurrent('gate', () => {
  test('shows, sets and opens, for people and for scripts', async ({ place }) => {
    await place.redis();

    const shown = await place.cli(['gate']);
    const set = await place.cli(['gate', 'set', '--concurrency', '3', '--rate', '2.5', '--json']);
    const opened = await place.cli(['gate', 'open', '--json']);
    const nothing = await place.cli(['gate', 'set']);

    expect(shown).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Open') });
    expect(JSON.parse(set.stdout)).toMatchObject({
      limits: { concurrency: 3, ratePerSecond: 2.5 },
    });
    expect(JSON.parse(opened.stdout)).toMatchObject({ gate: { mode: 'open' }, sentence: null });
    expect(nothing.exitCode).toBe(2);
  });

  test('shows why it is blocked, and gate open starts a trial call', async ({ place }) => {
    await place.redis();
    const used = { status: 429, code: 1102, message: 'resource pack used up' };
    const api = await place.api({ fail: (_call, nth) => (nth === 1 ? used : null) });
    await place.write('clips.csv', klingManifest(4));
    await place.cli(['import', 'clips.csv']);
    place.start(['worker', '--api-concurrency', '1']);

    const blocked = await place.cli(['import', 'clips.csv', '--wait']);
    const shown = await place.cli(['gate', '--json']);
    const opened = await place.cli(['gate', 'open']);
    const end = await place.cli(['import', 'clips.csv', '--wait', '--no-exit-when-blocked']);

    expect(blocked).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('(1102)') });
    expect(JSON.parse(shown.stdout)).toMatchObject({ gate: { mode: 'blocked' } });
    expect([opened.exitCode, end.exitCode]).toEqual([0, 0]);
    expect(api.calls).toHaveLength(5);
  });
});

describe.concurrent('sandbox', () => {
  test('serves until it is stopped, and prints what the other commands need', async ({ place }) => {
    await place.redis();
    const sandbox = place.start(['sandbox', '--sandbox-port', '0', '--latency', '20']);
    await sandbox.waitForText('PROBE_ALLOW_HOSTS=');
    await sandbox.waitForText('Ctrl-C');
    const settings = sandbox.stdoutSoFar();
    await writeFile(place.path('.env'), settings);
    await place.write('clips.csv', klingManifest(3));

    const run = await place.cli(['run', 'clips.csv']);
    sandbox.kill('SIGINT');

    expect(run.exitCode).toBe(0);
    expect((await sandbox.result()).exitCode).toBe(0);
  });

  test('inside run needs no key, and keeps practice separate from real work', async ({ place }) => {
    await place.redis();
    await place.write('clips.csv', klingManifest(3));

    const { exitCode, stdout } = await place.cli(['run', 'clips.csv', '--sandbox']);

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/3 +succeeded/);
    expect((await place.cli(['batches'])).stdout).toBe('');
  });
});
