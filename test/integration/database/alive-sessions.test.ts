import pg from 'pg';
import { expect, it } from 'vitest';
import { withBatch } from '../../contract/batch-store/examples.ts';
import { opened } from '../store/steering-bench.ts';
import { DatabaseLab, describeWithPostgres, serverForFile } from './database-lab.ts';

const server = serverForFile();

describeWithPostgres('alive_sessions', () => {
  it('the view of live sessions leaves out what has expired since the transaction of its reader began', async () => {
    await using lab = await DatabaseLab.open(server());
    await withBatch(lab.bench.store, 1);
    await lab.bench.end(1, opened('session 1'));
    await lab.copy();
    const reader = new pg.Client(server().url());
    await reader.connect();
    try {
      const count = async (): Promise<number | null> =>
        (await reader.query(`SELECT FROM ${lab.schema}.alive_sessions`)).rowCount;
      await reader.query('BEGIN');
      expect(await count()).toBe(1);

      await server().query(`UPDATE ${lab.schema}.results SET expires_at = clock_timestamp()`);

      expect(await count()).toBe(0);
    } finally {
      await reader.end();
    }
  });
});
