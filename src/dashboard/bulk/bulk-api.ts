import { draftForBatches } from '../../lib/bulk/draft-bulk.ts';
import { formatPlace, parsePlace } from '../../lib/core/list-place.ts';
import { refuseRequest } from '../../lib/requests/unusable-request.ts';
import { type ApiRoute, answerWith, change, get, refuseWith } from '../api/api-route.ts';
import { pageQuery } from '../api/paging.ts';
import type { DashboardContext } from '../dashboard-env.ts';
import { type DashboardPorts, withDay } from '../ports.ts';
import {
  bulkActionList,
  bulkActionState,
  bulkActionView,
  wantedBulkAction,
} from './bulk-schemas.ts';
import { batchesOf, batchesThatMatch, draftOfRows } from './choose.ts';
import { startBulk } from './start-bulk.ts';

const NO_SUCH = refuseWith({ kind: 'not_found', what: 'such bulk action' });

export const bulkApi = (ports: DashboardPorts): ApiRoute[] => [
  get(
    '/bulk-actions',
    { summary: 'List bulk actions', query: pageQuery(parsePlace), answer: bulkActionList },
    async ({ query: { after = null, limit } }) => {
      const { actions, next } = await ports.bulk.list(limit, after);
      return answerWith({ actions, next: next && formatPlace(next) });
    },
  ),
  get(
    '/bulk-actions/:action',
    { summary: 'Read bulk action', answer: bulkActionView },
    async ({ context }) => {
      const action = await ports.bulk.read(idOf(context));
      return action === null ? NO_SUCH : answerWith(action);
    },
  ),
  change(
    'POST',
    '/bulk-actions',
    { summary: 'Draft a bulk action', body: wantedBulkAction, answer: bulkActionView },
    async ({ context, body }) => {
      const who = context.var.user.name;
      const id = await draft(ports, body, who);
      const action = await ports.bulk.read(id);
      return action === null ? NO_SUCH : answerWith(action);
    },
  ),
  change(
    'POST',
    '/bulk-actions/:action/start',
    { summary: 'Start a bulk action', answer: bulkActionState },
    async ({ context }) => {
      const state = await startBulk(ports, idOf(context), context.var.user.name);
      return state === null ? NO_SUCH : answerWith({ state });
    },
  ),
  change(
    'POST',
    '/bulk-actions/:action/stop',
    { summary: 'Stop a bulk action', answer: bulkActionState },
    async ({ context }) => {
      const state = await ports.bulk.stop(idOf(context), context.var.user.name);
      return state === null ? NO_SUCH : answerWith({ state });
    },
  ),
];

const idOf = ({ req }: DashboardContext): string => req.param('action') ?? '';

type Wanted = ReturnType<(typeof wantedBulkAction)['parse']>;

/** @throws UnusableRequest */
async function draft(ports: DashboardPorts, wanted: Wanted, who: string): Promise<string> {
  if (wanted.on === 'rows') return await draftOfRows(ports, { ...wanted, who });
  const { ids, filter, verb, reason, options: request } = wanted;
  if ((ids === null) === (filter === null)) {
    throw refuseRequest(null, 'Give either `ids` or `filter`.');
  }
  const batches =
    ids === null
      ? await batchesThatMatch(ports, { search: '', ...filter })
      : await batchesOf(ports, ids);
  return await draftForBatches(withDay(ports), { verb, who, reason, request, batches });
}
