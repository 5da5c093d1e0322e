import { z } from 'zod';
import { type Arrangements, DEFAULT_PRIORITY, NO_ARRANGEMENTS } from '../core/batch/batch.ts';
import { nextTimeOfDay } from '../core/batch/daily-window.ts';
import { parseTags, TAG_RULE } from '../core/batch/tags.ts';
import { MANIFEST_FORMATS, MANIFEST_ROLES, type ManifestRole } from '../core/manifest/manifest.ts';
import {
  findKeepAliveProblem,
  isEndOfKeepAlive,
  type KeepAlive,
  keepAliveUntil,
  LONGEST_KEEP_ALIVE_MS,
} from '../core/renewal/keep-alive.ts';
import type { Request, RequestOptions } from './option.ts';
import { REPORT_OPTIONS } from './report-request.ts';
import {
  choice,
  duration,
  failureLimit,
  hoursOfDay,
  meaning,
  text,
  timeOfDay,
  timeZone,
  toggle,
  wholeNumber,
} from './schemas.ts';
import { refuseRequest, UnusableRequest } from './unusable-request.ts';

export type Delimiter = ',' | ';' | '|' | '\t';

const DELIMITERS: Record<string, Delimiter> = {
  ',': ',',
  ';': ';',
  '|': '|',
  '\t': '\t',
  '\\t': '\t',
  tab: '\t',
  TAB: '\t',
};

const delimiter = meaning(
  'Use one of , ; | or TAB.',
  (given) => DELIMITERS[given],
  (character) => (character === '\t' ? 'TAB' : character),
);

const MAP_RULE = `Write role=column; the role is one of ${MANIFEST_ROLES.join(', ')}.`;
const map = z.partialRecord(
  z.enum(MANIFEST_ROLES, MAP_RULE),
  z.string(MAP_RULE).min(1, MAP_RULE).max(500, 'The title of a column has at most 500 characters.'),
  MAP_RULE,
) as z.ZodType<Partial<Record<ManifestRole, string>>, Record<string, string>>;

const ID_RULE = 'Use letters, digits, - and _, at least one letter, at most 100.';
const batchId = z.string(ID_RULE).regex(/^(?=.*[a-z])[\w-]{1,100}$/i, ID_RULE);

const tags = z.codec(z.array(z.string(TAG_RULE), TAG_RULE), z.custom<string[]>(), {
  decode: (given, context) => {
    const parsed = parseTags(given.join(','));
    if (parsed !== null) return parsed;
    context.issues.push({ code: 'custom', input: given, message: TAG_RULE });
    return z.NEVER;
  },
  encode: (list) => list,
});

/** How a manifest is read. */
export const READING_OPTIONS = {
  map: {
    schema: map,
    value: 'role=column',
    description: `which column holds what, for example video_url=Link (${MANIFEST_ROLES.join(', ')}); repeatable`,
    label: 'Column of',
    hint: 'by its name',
    default: {},
    defaultWords: 'by their names',
  },
  delimiter: {
    schema: delimiter,
    value: 'character',
    description: 'the character between cells, instead of detecting it',
    label: 'Delimiter',
    hint: 'detected',
  },
  format: {
    schema: choice(MANIFEST_FORMATS),
    value: 'format',
    description: 'the format of the manifest, instead of detecting it',
    label: 'Format',
    words: { '': 'detected' },
  },
  sheet: {
    schema: text('Name a sheet.', 500),
    value: 'name',
    description: 'which sheet of a workbook, or all; default the first that is not hidden',
    label: 'Sheet',
    hint: 'the first',
  },
  skipHidden: {
    schema: toggle,
    description: 'leave out rows of a workbook that a filter or a person has hidden',
    label: 'Leave out hidden rows',
    default: false,
  },
} satisfies RequestOptions;
export type ReadingRequest = Request<typeof READING_OPTIONS>;

const KEY_RULE = 'Name up to 10 columns: as a list in JSON, elsewhere with commas between.';

/** How its rows are processed. */
export const WORKING_OPTIONS = {
  limit: {
    schema: wholeNumber(1),
    value: 'n',
    description: 'only the first rows',
    label: 'First rows only',
    hint: 'all',
  },
  canary: {
    schema: wholeNumber(1),
    value: 'n',
    description: 'process the first n rows, and the others once one of them has a session',
    label: 'First rows to try alone',
    hint: 'none',
  },
  priority: {
    schema: wholeNumber(1, 100),
    value: 'n',
    description: 'share of the work compared with other batches, 1 to 100',
    label: 'Priority, 1 to 100',
    default: DEFAULT_PRIORITY,
  },
  maxSessions: {
    schema: wholeNumber(1, 1_000_000_000),
    value: 'n',
    description:
      'open at most this many sessions; lost calls count, and further rows wait until it may open more',
    label: 'Sessions at most',
    hint: 'any number',
    offBy: 'batches set-max-sessions',
  },
  maxFailures: {
    schema: failureLimit,
    value: 'limit',
    description:
      'pause when this many rows fail: a share of the last 100 (50%), a number (50), or off',
    label: 'Pause when this many fail',
    hint: '50%, 50 or off',
    default: '50%',
  },
  tag: {
    schema: tags,
    value: 'tags',
    description: 'labels to find the batch by, such as spring,ads; repeatable',
    label: 'Tags',
    hint: 'spring, ads',
    default: [],
    defaultWords: 'none',
  },
  continue: {
    schema: text('Name a batch.', 200),
    value: 'batch|name',
    description:
      'the batch that this table was before, or the newest one of this name or schedule: rows that are unchanged keep its live sessions',
    label: 'Continues batch',
    hint: 'none',
  },
  key: {
    schema: z.array(text(KEY_RULE, 500), KEY_RULE).min(1, KEY_RULE).max(10, KEY_RULE),
    value: 'columns',
    description:
      'columns of yours that tell rows apart, such as sku: with the same key and video a row keeps its session, whatever else changed; default all cells',
    label: 'Key columns',
    hint: 'sku',
  },
  mends: {
    schema: text('Name a batch.', 200),
    value: 'batch',
    description:
      'an earlier batch whose rows without a session are in this manifest; its `status` then shows what is still open',
    label: 'Mends batch',
    hint: 'none',
  },
  reuse: {
    schema: toggle,
    description: 'reuse the live session of a video instead of opening another',
    label: 'Reuse live sessions',
    default: false,
  },
  strictFps: {
    schema: toggle,
    description: 'reject 23.976, 29.97 and 59.94 fps instead of warning',
    label: 'Reject 23.976, 29.97 and 59.94 fps',
    default: false,
  },
} satisfies RequestOptions;

const keepAliveFor = duration(
  'Use a duration from 1m to 30d, such as 3d or 36h.',
  LONGEST_KEEP_ALIVE_MS,
  60_000,
);
const END_RULE =
  'Use a time of day such as 18:00, or a date with or without a time, such as 2026-12-01T18:00.';
const endOfKeepAlive = z.string(END_RULE).refine(isEndOfKeepAlive, END_RULE);

/** When its rows are processed, and how long their sessions are renewed. */
export const TIMING_OPTIONS = {
  finishBy: {
    schema: timeOfDay,
    value: 'HH:mm',
    description: 'warn when the batch may not end by then',
    label: 'Should end by',
    hint: '06:00',
  },
  window: {
    schema: hoursOfDay,
    value: 'HH:mm-HH:mm',
    description: 'process its rows only within these hours',
    label: 'Process rows only within',
    hint: '22:00-06:00',
  },
  keepAlive: {
    schema: keepAliveFor,
    value: 'duration',
    description: 'renew its sessions before they expire, for this long from now, such as 3d',
    label: 'Keep its sessions alive for',
    hint: '3d',
    offBy: 'batches set-keep-alive',
  },
  keepAliveUntil: {
    schema: endOfKeepAlive,
    value: 'time',
    description:
      'the same until a time: the next 18:00, or a date with or without a time, such as 2026-12-01T18:00',
    label: 'Keep its sessions alive until',
    hint: '18:00',
    offBy: 'batches set-keep-alive',
  },
  tz: {
    schema: timeZone,
    value: 'zone',
    description: "time zone of the times given, such as Asia/Taipei; default this machine's",
    label: 'Time zone',
    hint: 'Asia/Taipei',
  },
} satisfies RequestOptions;

/** All options of an import except times: what `run` takes. */
export const MANIFEST_OPTIONS = {
  batch: {
    schema: batchId,
    value: 'id',
    description: 'an id of your own; the same manifest under another id is another batch',
    label: 'Id of your own',
    hint: 'made from the name',
  },
  ...READING_OPTIONS,
  ...WORKING_OPTIONS,
} satisfies RequestOptions;

/** All options of an import. */
export const IMPORT_OPTIONS = {
  ...MANIFEST_OPTIONS,
  ...TIMING_OPTIONS,
  ...REPORT_OPTIONS,
} satisfies RequestOptions;
export type ImportRequest = Request<typeof IMPORT_OPTIONS>;
/** How a manifest is read whose rows may have keys. */
export type KeyedReading = ReadingRequest & Partial<Pick<ImportRequest, 'key'>>;

/**
 * The arrangements of a batch that begins at `nowMs`. `machineZone` is called if times of day have no zone.
 * @throws what `machineZone` throws.
 */
export function arrangementsOf(
  { finishBy, window, tz, tag }: Pick<ImportRequest, 'finishBy' | 'window' | 'tz' | 'tag'>,
  nowMs: number,
  machineZone: () => string,
): Arrangements {
  const plain = { ...NO_ARRANGEMENTS, tags: tag };
  if (finishBy === null && window === null) return plain;
  const zone = tz ?? machineZone();
  return {
    ...plain,
    finishBy: finishBy === null ? null : { atMs: nextTimeOfDay(finishBy, zone, nowMs), zone },
    window: window && { ...window, zone },
  };
}

/**
 * Until when the sessions of a batch that begins at `nowMs` are kept alive; null if they are not. `machineZone` is
 * called for a time without a zone.
 * @throws UnusableRequest for a time that has passed or is too far away, and for both options at once.
 */
export function keepAliveOf(
  request: Pick<ImportRequest, 'keepAlive' | 'keepAliveUntil' | 'tz'>,
  nowMs: number,
  machineZone: () => string,
): KeepAlive | null {
  const { keepAlive, keepAliveUntil: until, tz } = request;
  if (keepAlive !== null && until !== null) throw refuseRequest('keepAliveUntil', ONE_END);
  if (keepAlive !== null) return { untilMs: nowMs + keepAlive, zone: tz ?? 'UTC' };
  if (until === null) return null;
  const found = keepAliveUntil(until, () => tz ?? machineZone(), nowMs);
  const advice = findKeepAliveProblem(found, nowMs);
  if (advice === null) return found;
  throw new UnusableRequest([{ kind: 'unusable', option: 'keepAliveUntil', value: until, advice }]);
}

export const ONE_END = 'Sessions are kept alive for a time or until one; leave out one of the two.';
