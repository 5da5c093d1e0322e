import { html } from 'hono/html';
import { z } from 'zod';
import { parseTags } from '../../lib/core/batch/tags.ts';
import { isSameToken } from '../auth/cookies.ts';
import type { DashboardContext } from '../dashboard-env.ts';
import { readForm } from '../form.ts';
import type { DashboardPorts } from '../ports.ts';
import { change, type Route, view } from '../route.ts';
import { forPeople, readingOf } from '../uploads/reading.ts';
import { describeLimit, NO_ROOM, type Upload } from '../uploads/upload-store.ts';
import { examinationPage } from './examination.ts';
import { csrfField, page } from './layout.ts';
import { type Refusal, refuse } from './refusal.ts';

const startForm = z.object({
  batchId: z
    .string()
    .trim()
    .regex(/^$|^(?=.*[a-z])[\w-]{1,100}$/i)
    .default('')
    .transform((text) => (text === '' ? null : text)),
  priority: z.coerce.number().int().min(1).max(100).default(10),
  trialRows: z
    .union([z.literal(''), z.coerce.number().int().min(1)])
    .default('')
    .transform((rows) => (rows === '' ? null : rows)),
  tags: z.string().max(800).default('').transform(parseTags).pipe(z.array(z.string())),
  reuse: z.string().optional().transform(Boolean),
  strictFps: z.string().optional().transform(Boolean),
});

/** Only operators see these pages: what lies in them is not imported yet, and theirs. */
export const uploadRoutes = (ports: DashboardPorts): Route[] => [
  { ...view('/upload', (context) => showForm(ports, context, null, 200)), access: 'operator' },
  {
    ...change('/upload', (context) => receive(ports, context)),
    proof: 'in_body',
    body: 'streamed',
  },
  {
    ...view('/upload/:id', (context) =>
      withUpload(ports, context, (upload) => examine(ports, context, upload)),
    ),
    access: 'operator',
  },
  change('/upload/:id/start', (context) =>
    withUpload(ports, context, (upload) => start(ports, context, upload)),
  ),
  change('/upload/:id/discard', async (context) => {
    await ports.uploads.discard(context.req.param('id') ?? '');
    return context.redirect('/upload', 303);
  }),
];

async function withUpload(
  { uploads }: DashboardPorts,
  context: DashboardContext,
  use: (upload: Upload) => Promise<Response>,
): Promise<Response> {
  const upload = uploads.find(context.req.param('id') ?? '');
  if (upload !== null) return await use(upload);
  return await refuse(context, {
    kind: 'not_found',
    what: 'such upload any more; upload it again',
  });
}

async function receive(ports: DashboardPorts, context: DashboardContext): Promise<Response> {
  const isProof = (token: string): boolean => isSameToken(context.var.csrfToken, token);
  const received = await ports.uploads.receiveForm(context.env.incoming, isProof);
  switch (received.kind) {
    case 'received':
      return context.redirect(`/upload/${received.upload.id}`, 303);
    case 'no_proof':
      return await refuse(context, { kind: 'outdated_page' });
    case 'no_file':
      return await showForm(ports, context, 'Choose a file that has something in it.', 400);
    case 'too_large':
      return await showForm(ports, context, describeLimit(ports.uploads), 413);
    case 'no_room':
      return await showForm(ports, context, NO_ROOM, 507);
    case 'broken':
      return await showForm(ports, context, 'The upload broke off; try again.', 400);
  }
}

async function showForm(
  { uploads }: DashboardPorts,
  context: DashboardContext,
  problem: string | null,
  status: 200 | 400 | 413 | 507,
): Promise<Response> {
  const megabytes = Math.floor(uploads.maxBytes / 1_048_576);
  const content = html`<h1>Upload a manifest</h1>
    ${problem !== null && html`<p class="notice bad" role="alert">${problem}</p>`}
    <form method="post" action="/upload" enctype="multipart/form-data" class="card">${csrfField(context)}
      <label class="drop" data-drop for="file"><strong>Choose a file, or drop it here</strong>
        <span class="muted">CSV, TSV, JSONL, XLSX or a list of addresses, gzipped or not, up to ${megabytes} MiB</span>
        <input type="file" id="file" name="file" required></label>
      <p><button class="primary" data-busy="Reading …">Upload and check</button>
      <span class="muted">Nothing is started before you say so.</span></p></form>`;
  return await page(context, { title: 'Upload', status, content });
}

async function examine(
  { manifests }: DashboardPorts,
  context: DashboardContext,
  upload: Upload,
): Promise<Response> {
  const reading = readingOf((role) => context.req.query(role));
  const examined = await manifests.examine(upload, reading);
  const content = examinationPage(context, upload, reading, examined);
  return await page(context, { title: upload.fileName, content });
}

async function start(
  { manifests, uploads }: DashboardPorts,
  context: DashboardContext,
  upload: Upload,
): Promise<Response> {
  const form = await readForm(context, startForm);
  if (form === null) return await refuse(context, NOT_SO);
  const body = await context.req.parseBody();
  const reading = readingOf((role) => (typeof body[role] === 'string' ? body[role] : undefined));
  const started = await manifests.start(upload, reading, form, context.var.user.name);
  if (started.kind === 'refused') {
    return await refuse(context, { kind: 'impossible', sentence: forPeople(started.message) });
  }
  await uploads.discard(upload.id);
  const done = started.wasFound ? 'found' : 'started';
  return context.redirect(`/batches/${started.batchId}?done=${done}`, 303);
}

const NOT_SO: Refusal = {
  kind: 'impossible',
  sentence:
    'An id has letters, digits, - and _, at least one letter, at most 100; the priority goes from 1 to 100; first rows are a whole number from 1, or none; tags have letters, digits and . _ : -, with commas between.',
};
