import { type ChosenRows, ROW_VERBS, type RowVerb } from '../../lib/bulk/bulk-action.ts';
import {
  draftForBatches,
  draftForRows,
  MAX_BATCHES,
  MAX_NAMED_ROWS,
  optionsInBulk,
} from '../../lib/bulk/draft-bulk.ts';
import { BATCH_STATES, type Batch } from '../../lib/core/batch/batch.ts';
import { countRanges, parseRowRanges, type RowRanges } from '../../lib/core/row/row-ranges.ts';
import type { RowStatus } from '../../lib/report/read-entries.ts';
import { BATCH_VERBS, type BatchVerb } from '../../lib/requests/batch-acts.ts';
import type { WrittenRequest } from '../../lib/requests/option.ts';
import { refuseRequest } from '../../lib/requests/unusable-request.ts';
import { type DashboardPorts, withDay } from '../ports.ts';
import { type BatchFilter, listMatching } from '../read/list-batches.ts';

/** The fields of a form, each with all of its values. */
type Fields = Readonly<Record<string, readonly string[]>>;

const first = (fields: Fields, name: string): string => fields[name]?.[0]?.trim() ?? '';

/**
 * Stores what a form with check boxes chose as a draft, and returns its id. `query`: the button's part.
 * @throws UnusableRequest
 */
export async function draftOfForm(
  ports: DashboardPorts,
  fields: Fields,
  query: Readonly<Record<string, string>>,
  who: string,
): Promise<string> {
  const by = { who, reason: first(fields, 'reason') || null };
  const verb = BATCH_VERBS.find((known) => known === query.verb);
  if (verb === undefined) throw refuseRequest(null, 'This button belongs to an earlier version.');
  const batchId = first(fields, 'of');
  if (batchId === '') {
    const request = requestIn(verb, fields, query);
    const batches = await batchesIn(ports, fields);
    return await draftForBatches(withDay(ports), { ...by, verb, request, batches });
  }
  const chosen = rowsIn(fields);
  return await draftOfRows(ports, { ...by, ...chosen, verb: rowVerbOf(verb), batchId });
}

function rowVerbOf(verb: BatchVerb): RowVerb {
  const found = ROW_VERBS.find((known) => known === verb);
  if (found === undefined) throw refuseRequest('verb', `Rows take one of ${ROW_VERBS.join(', ')}.`);
  return found;
}

/** @throws UnusableRequest when there is no such batch, and as `draftForRows`. */
export async function draftOfRows(
  ports: DashboardPorts,
  {
    batchId,
    ...wanted
  }: { batchId: string; verb: RowVerb; who: string; reason: string | null } & Filter & {
      rows: RowRanges | null;
    },
): Promise<string> {
  const batch = await ports.store.readBatch(batchId);
  if (batch === null) throw refuseRequest(null, `There is no batch ${batchId}.`);
  if (!batch.isReadToEnd) {
    throw refuseRequest(
      null,
      'The manifest was not read to its end, so no row can be called again.',
    );
  }
  if (wanted.rows !== null && countRanges(wanted.rows) > MAX_NAMED_ROWS) {
    throw refuseRequest('rows', `Name at most ${MAX_NAMED_ROWS} rows, or use a filter.`);
  }
  return await draftForRows(withDay(ports), { ...wanted, batch });
}

type Filter = Pick<ChosenRows, 'statuses' | 'code' | 'text'>;

/** The ticked rows, or with `all` those of the filter. */
function rowsIn(fields: Fields): Filter & { rows: RowRanges | null } {
  const state = first(fields, 'state') as RowStatus | '';
  if (first(fields, 'all') !== '') {
    return {
      statuses: state === '' ? null : [state],
      code: first(fields, 'code') || null,
      text: first(fields, 'text') || null,
      rows: null,
    };
  }
  const rows = parseRowRanges(fields.row ?? []);
  if (rows === undefined) {
    throw refuseRequest(null, 'Tick at least one row, or “all that match”.');
  }
  return { statuses: null, code: null, text: null, rows };
}

/** The values of the act's options: from the button's address, or from the fields of the form. */
function requestIn(
  verb: BatchVerb,
  fields: Fields,
  query: Readonly<Record<string, string>>,
): WrittenRequest {
  const { status = '' } = query;
  const names = Object.keys(optionsInBulk(verb));
  const written = names.map((name) => [name, name === 'statuses' ? status : first(fields, name)]);
  return Object.fromEntries(written.filter(([, value]) => value !== ''));
}

async function batchesIn(ports: DashboardPorts, fields: Fields): Promise<Batch[]> {
  if (first(fields, 'all') === '') {
    const ids = fields.batch ?? [];
    if (ids.length === 0)
      throw refuseRequest(null, 'Tick at least one batch, or “all that match”.');
    return await batchesOf(ports, ids);
  }
  const filter = {
    search: first(fields, 'q'),
    state: BATCH_STATES.find((state) => state === first(fields, 'state')),
    schedule: first(fields, 'schedule') || undefined,
    tag: first(fields, 'tag') || undefined,
  };
  return await batchesThatMatch(ports, filter);
}

/** Reads one more than an action may have, to notice that there are too many. */
export const batchesThatMatch = (ports: DashboardPorts, filter: BatchFilter): Promise<Batch[]> =>
  listMatching(ports, filter, MAX_BATCHES + 1);

/** Those that still exist. */
export async function batchesOf(
  { store }: DashboardPorts,
  ids: readonly string[],
): Promise<Batch[]> {
  const known = [...new Set(ids)].slice(0, MAX_BATCHES + 1);
  const batches = await Promise.all(known.map((id) => store.readBatch(id)));
  return batches.filter((batch) => batch !== null);
}
