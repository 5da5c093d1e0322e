import { html } from 'hono/html';
import { IMPORT_OPTIONS, READING_OPTIONS } from '../../lib/requests/import-request.ts';
import { labelOf, readRequest } from '../../lib/requests/option.ts';
import { describeProblems, UnusableRequest } from '../../lib/requests/unusable-request.ts';
import { isSameToken } from '../auth/cookies.ts';
import type { DashboardContext } from '../dashboard-env.ts';
import { parametersOf, readFields, writtenIn } from '../form.ts';
import type { DashboardPorts } from '../ports.ts';
import { change, type Route, view } from '../route.ts';
import type { Examined } from '../uploads/manifest-imports.ts';
import { forPeople } from '../uploads/reading.ts';
import { BROKEN, describeLimit, NO_ROOM, type Upload } from '../uploads/upload-store.ts';
import { examinationPage, type Filled } from './examination.ts';
import { csrfField, page } from './layout.ts';
import { refuse } from './refusal.ts';

const READING_PARAMETERS = parametersOf(READING_OPTIONS);

/** Only operators see these pages: the content is not imported yet and belongs to the operator. */
export const uploadRoutes = (ports: DashboardPorts): Route[] => [
  { ...view('/upload', (context) => showForm(ports, context, null, 200)), access: 'operator' },
  {
    ...change('/upload', (context) => receive(ports, context)),
    proof: 'in_body',
    body: 'streamed',
  },
  {
    ...view(
      '/upload/:id',
      (context) => withUpload(ports, context, (upload) => examine(ports, context, upload)),
      READING_PARAMETERS,
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
    what: 'such upload; it may have expired, so upload the file again',
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
      return await showForm(ports, context, 'That file is empty; choose another one.', 400);
    case 'too_large':
      return await showForm(ports, context, describeLimit(ports.uploads), 413);
    case 'no_room':
      return await showForm(ports, context, NO_ROOM, 507);
    case 'broken':
      return await showForm(ports, context, BROKEN, 400);
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
        <span class="muted">CSV, TSV, JSONL, .xlsx, .ods, .fods, Parquet or a list of addresses (text may be gzipped), up to ${megabytes} MiB</span>
        <input type="file" id="file" name="file" required></label>
      <p><button class="primary" data-busy="Reading …">Upload and check</button>
      <span class="muted">Nothing starts before you confirm it.</span></p></form>`;
  return await page(context, { title: 'Upload', status, content });
}

async function examine(
  ports: DashboardPorts,
  context: DashboardContext,
  upload: Upload,
): Promise<Response> {
  const written = writtenIn(READING_OPTIONS, context.req.query());
  return await showExamined(ports, context, upload, { written, problem: null });
}

/** How the upload is read, and the values filled in for its start. */
async function showExamined(
  { manifests }: DashboardPorts,
  context: DashboardContext,
  upload: Upload,
  { written, problem }: Filled,
  status: 200 | 400 | 409 = 200,
): Promise<Response> {
  const show = async (examined: Examined, said: string | null) =>
    await page(context, {
      title: upload.fileName,
      status: said === null ? 200 : status,
      content: examinationPage(context, upload, { written, problem: said }, examined),
    });
  try {
    const names = Object.keys(READING_OPTIONS).map((name) => [name, written[name] ?? '']);
    const reading = readRequest(READING_OPTIONS, Object.fromEntries(names));
    return await show(await manifests.examine(upload, reading), problem);
  } catch (error) {
    const message = explain(error);
    return await show({ kind: 'not_understood', message, columns: [] }, problem);
  }
}

async function start(
  ports: DashboardPorts,
  context: DashboardContext,
  upload: Upload,
): Promise<Response> {
  const { manifests, uploads } = ports;
  const written = writtenIn(IMPORT_OPTIONS, await readFields(context));
  const refuseForm = (problem: string, status: 400 | 409): Promise<Response> =>
    showExamined(ports, context, upload, { written, problem }, status);
  try {
    const request = readRequest(IMPORT_OPTIONS, written);
    const started = await manifests.start(upload, request, context.var.user.name);
    if (started.kind === 'refused') return await refuseForm(forPeople(started.message), 409);
    await uploads.discard(upload.id);
    const done = started.wasFound ? 'found' : 'started';
    return context.redirect(`/batches/${started.batchId}?done=${done}`, 303);
  } catch (error) {
    return await refuseForm(explain(error), 400);
  }
}

/** Throws errors that are not the request's fault. */
function explain(error: unknown): string {
  if (!(error instanceof UnusableRequest)) throw error;
  return describeProblems(error.problems, (name) => labelOf(IMPORT_OPTIONS, name));
}
