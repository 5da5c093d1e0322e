import { z } from 'zod';
import type { ImportRequest, ReadingRequest } from '../../lib/requests/import-request.ts';
import {
  type ApiRoute,
  answerWith,
  change,
  get,
  type Reply,
  refuseWith,
  upload,
} from '../api/api-route.ts';
import type { DashboardContext } from '../dashboard-env.ts';
import type { DashboardPorts } from '../ports.ts';
import type { Examined } from './manifest-imports.ts';
import { forPrograms } from './reading.ts';
import { refuseArrival } from './refuse-arrival.ts';
import {
  discardedUpload,
  importRequestOf,
  readingOf,
  readingQuery,
  startedBatch,
  uploadView,
  wantedStart,
} from './upload-schemas.ts';
import type { Upload } from './upload-store.ts';

const arrivalQuery = readingQuery.extend({
  name: z.string().max(500).default('manifest').describe("The file's name."),
});

/** The upload pages for programs: send a manifest, see how it was read, start it or not. Operators only. */
export const uploadApi = (ports: DashboardPorts): ApiRoute[] => [
  upload(
    '/uploads',
    { summary: 'Upload manifest', query: arrivalQuery, answer: uploadView },
    async ({ context, query: { name, ...reading } }) =>
      await receive(ports, context, name, readingOf(reading)),
  ),
  {
    ...get(
      '/uploads/:upload',
      { summary: 'Read upload', query: readingQuery, answer: uploadView },
      async ({ context, query }) =>
        withUpload(ports, context, async (found) =>
          answerWith(await examine(ports, found, readingOf(query))),
        ),
    ),
    access: 'operator',
  },
  change(
    'POST',
    '/uploads/:upload/start',
    { summary: 'Start upload', body: wantedStart, answer: startedBatch },
    async ({ context, body }) =>
      withUpload(ports, context, (found) => start(ports, context, found, importRequestOf(body))),
  ),
  change(
    'DELETE',
    '/uploads/:upload',
    { summary: 'Discard upload', answer: discardedUpload },
    async ({ context }) =>
      withUpload(ports, context, async ({ id }) => {
        await ports.uploads.discard(id);
        return answerWith({ discarded: id });
      }),
  ),
];

async function withUpload<A>(
  { uploads }: DashboardPorts,
  context: DashboardContext,
  use: (found: Upload) => Promise<Reply<A>>,
): Promise<Reply<A>> {
  const found = uploads.find(context.req.param('upload') ?? '');
  if (found !== null) return await use(found);
  return refuseWith({
    kind: 'not_found',
    what: 'such upload; it may have expired, so upload the file again (with a new Idempotency-Key, if you use them)',
  });
}

async function receive(
  ports: DashboardPorts,
  context: DashboardContext,
  name: string,
  reading: ReadingRequest,
): Promise<Reply<z.input<typeof uploadView>>> {
  const arrival = await ports.uploads.receiveFile(context.env.incoming, name);
  switch (arrival.kind) {
    case 'received':
      context.set('fileDigest', arrival.digest);
      return answerWith(await examine(ports, arrival.upload, reading));
    default:
      return refuseWith(refuseArrival(arrival.kind, ports.uploads));
  }
}

async function examine(
  { manifests }: DashboardPorts,
  found: Upload,
  reading: ReadingRequest,
): Promise<z.input<typeof uploadView>> {
  const { id, fileName, sizeBytes } = found;
  return { id, fileName, sizeBytes, examined: shown(await manifests.examine(found, reading)) };
}

const shown = (examined: Examined): z.input<typeof uploadView>['examined'] =>
  examined.kind === 'understood'
    ? {
        ...examined,
        remarks: examined.remarks.map((remark) => forPrograms(remark, 'the query')),
        problems: [...examined.problems],
        duplicates: [...examined.duplicates],
      }
    : {
        ...examined,
        message: forPrograms(examined.message, 'the query'),
        columns: [...examined.columns],
      };

async function start(
  { manifests, uploads }: DashboardPorts,
  context: DashboardContext,
  found: Upload,
  request: ImportRequest,
): Promise<Reply<z.input<typeof startedBatch>>> {
  const started = await manifests.start(found, request, context.var.user.name);
  if (started.kind === 'refused') {
    return refuseWith({ kind: 'impossible', sentence: forPrograms(started.message, '`map`') });
  }
  await uploads.discard(found.id);
  return answerWith({ batchId: started.batchId, wasFound: started.wasFound });
}
