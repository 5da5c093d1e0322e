import { expect, it, vi } from 'vitest';
import { NOW_MS, ref, withBatch } from '../../contract/batch-store/examples.ts';
import { PrivatePostgres } from '../../setup/postgres/private-postgres.ts';
import { opened } from '../store/steering-bench.ts';
import { DatabaseLab, describeWithPostgres, serverForFile } from './database-lab.ts';
import { Keeper } from './keeper.ts';

vi.setConfig({ testTimeout: 180_000 });

const server = serverForFile();
describeWithPostgres('a worker that keeps the results database', () => {
  it('the writer copies what ends, and batches that only pause', async () => {
    await using lab = await DatabaseLab.open(server());
    await withBatch(lab.bench.store, 2);
    await using keeper = new Keeper(lab, lab.open());
    await lab.bench.end(1, opened('one'));
    expect(await keeper.settle()).toMatchObject({ currentAtMs: NOW_MS, behindSinceMs: null });
    expect(await lab.problems()).toEqual([]);

    await lab.bench.store.changeState(ref('batch-1'), 'pause', 'by me', NOW_MS);
    await keeper.until(async () => {
      expect(await lab.select('state', 'batches')).toEqual([{ state: 'paused' }]);
    });
  });

  it('the writer is one at a time, and followed by another', async () => {
    await using lab = await DatabaseLab.open(server());
    await withBatch(lab.bench.store, 3);
    const first = new Keeper(lab, lab.open());
    await lab.bench.end(1, opened('one'));
    await first.settle();
    const holder = await lab.bench.redis.get(lab.bench.keys.databaseWriter);
    await using second = new Keeper(lab, lab.open());
    await lab.bench.end(2, opened('two'));
    await second.settle();
    expect(await lab.bench.redis.get(lab.bench.keys.databaseWriter)).toBe(holder);

    await first[Symbol.asyncDispose]();
    await lab.bench.end(3, opened('three'));

    expect((await second.settle()).trouble).toBeNull();
    expect(await lab.problems()).toEqual([]);
  });

  it('the writer continues when a server is killed, says how far behind it is, and misses nothing', async () => {
    await using own = await PrivatePostgres.start();
    await using lab = await DatabaseLab.open(own);
    await withBatch(lab.bench.store, 9);
    await using keeper = new Keeper(lab, lab.open());
    await lab.bench.end(1, opened('one'));
    await keeper.settle();
    for (const [round, how] of (['SIGQUIT', 'SIGKILL', 'SIGINT'] as const).entries()) {
      await own.kill(how);
      await lab.bench.end(2 * round + 2, opened(`session ${round} a`));
      await keeper.untilTrouble('The results database postgres://owner@');
      await lab.bench.end(2 * round + 3, opened(`session ${round} b`));
      await own.restart();
      await keeper.until(async () => {
        expect((await keeper.state.read())?.behindSinceMs).toBeNull();
      });
    }
    await keeper.settle();

    expect(await lab.problems()).toEqual([]);
    expect(new Set(keeper.lines)).toEqual(
      new Set(['results database lost, waiting for it', 'results database is back']),
    );
    expect(await lab.select('count(*)::int', 'results')).toEqual([{ count: 7 }]);
  });

  it('the writer sends a notice once the database has been behind for five minutes', async () => {
    await using lab = await DatabaseLab.open(server());
    await withBatch(lab.bench.store, 2);
    await lab.bench.end(1, opened('one'));
    await using keeper = new Keeper(lab, lab.open(server().url({ database: 'nowhere' })));
    await keeper.untilTrouble('does not exist');
    expect(keeper.notices).toEqual([]);
    keeper.nowMs += 300_000;
    await keeper.until(() => expect(keeper.notices).not.toEqual([]));

    expect(keeper.notices[0]).toMatchObject({
      kind: 'database_behind',
      sinceMs: NOW_MS,
      sentence: expect.stringContaining('1 change behind since'),
    });
    expect(keeper.lines).toEqual(['results database takes nothing, waiting for it']);
  });
});
