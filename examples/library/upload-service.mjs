// A service that takes tables by upload, says how far they are, and gives their results.
//
//   npm install kling-sessions hono @hono/node-server
//   REDIS_URL=redis://… PORT=3000 node upload-service.mjs
//   curl -F table=@videos.csv localhost:3000/batches

import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { connect, isKlingSessionsError } from 'kling-sessions';

const sessions = await connect({ settings: process.env, who: 'upload-service' });
const app = new Hono();

app.post('/batches', async (context) => {
  const { table } = await context.req.parseBody();
  if (!(table instanceof File)) return context.json({ error: 'Send a file as `table`.' }, 400);
  const source = { stream: table.stream(), name: table.name };
  // A client that goes away ends its import; the same upload continues it.
  const imported = await sessions.importManifest(source, { signal: context.req.raw.signal });
  return context.json(imported, 201);
});

app.get('/batches/:id', async (context) =>
  context.json(await sessions.status(context.req.param('id'))),
);

app.get('/batches/:id/results', async (context) => {
  const rows = [];
  const query = { batchId: context.req.param('id'), after: context.req.query('after') ?? null };
  for await (const row of sessions.results(query)) {
    rows.push(row);
    if (rows.length === 1_000) break;
  }
  return context.json({ rows, next: rows.at(-1)?.position ?? query.after });
});

app.onError((error, context) => {
  if (!isKlingSessionsError(error)) throw error;
  const { code, message } = error;
  const status = code === 'batch_not_found' ? 404 : code.startsWith('redis_') ? 503 : 422;
  return context.json({ error: { code, message } }, status);
});

const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, ({ port }) =>
  console.log(`listening on ${port}`),
);
process.once('SIGTERM', () => {
  server.close(() => sessions.close());
});
