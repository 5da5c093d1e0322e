// Opens a session for each row of a table, and prints the sessions. A worker must be running, here or elsewhere.
//
//   REDIS_URL=redis://… node script.mjs videos.csv

import { connect, isKlingSessionsError } from 'kling-sessions';

const [table = 'videos.csv'] = process.argv.slice(2);
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
const { signal } = stop;

const sessions = await connect({ settings: process.env, signal });
try {
  const { batchId, remarks } = await sessions.importManifest(table, { signal });
  for (const remark of remarks) console.error(remark);
  for await (const { ended, rows, standstill } of sessions.watch(batchId, { signal })) {
    console.error(`${batchId}: ${ended} of ${rows} rows. ${standstill ?? ''}`);
  }
  for await (const row of sessions.results({ batchId, signal })) {
    console.log(row.row, row.status, row.session?.id ?? row.error?.message ?? '');
  }
} catch (error) {
  if (!isKlingSessionsError(error)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
} finally {
  await sessions.close();
}
