// Lists the batches by the HTTP API of a dashboard, from a machine that cannot reach Redis.
//
//   DASHBOARD_URL=https://… TOKEN=… node api-client.mjs

import { createClient } from 'kling-sessions/client';

const { DASHBOARD_URL: baseUrl = 'http://127.0.0.1:4290', TOKEN: token } = process.env;
const api = createClient({ baseUrl, ...(token && { token }) });
const { data, error } = await api.GET('/api/v1/batches');
if (error) throw new Error(`${error.error.code}: ${error.error.message}`);
console.log(`${data.batches.length} batches`);
for (const batch of data.batches) console.log(JSON.stringify(batch));
