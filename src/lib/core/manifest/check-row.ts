import { checkKlingId, jsonNumberFault } from './check-kling-id.ts';
import { checkVideoUrl, type ValueFault } from './check-video-url.ts';
import {
  MANIFEST_ROLES,
  type ManifestRole,
  type ManifestRow,
  type ManifestShape,
  type RowProblem,
} from './manifest.ts';
import { parseIsoTime } from './parse-iso-time.ts';
import type { RowDefect } from './row-defects.ts';
import { type RoleValue, type RoleValues, readRoleValues } from './row-values.ts';
import { showColumn, showValue } from './show-value.ts';
import type { Source } from './source.ts';

export type CheckedRow = { ok: true; source: Source } | { ok: false; problems: RowProblem[] };

/** The source of a row, or everything that is wrong with it. If a row has a `defect`, that is its only problem. */
export function checkRow(shape: ManifestShape, row: ManifestRow): CheckedRow {
  if (row.defect) return { ok: false, problems: [row.defect] };
  const values = readValues(shape, row);
  if (values === null) return { ok: false, problems: [brokenJson(row)] };
  const usual = usualSource(values);
  if (usual !== null) return { ok: true, source: usual };
  const problems = findSourceProblems(values, shape, row);
  addValueProblems(problems, values, shape, row);
  const source = toSource(values);
  return problems.length > 0 || source === null ? { ok: false, problems } : { ok: true, source };
}

/** The address of a row that has no ids and nothing wrong, as most rows; otherwise null. */
function usualSource({
  video_url: url,
  video_id: video,
  task_id: task,
}: RoleValues): Source | null {
  if (url?.kind !== 'text' || video !== undefined || task !== undefined) return null;
  return checkVideoUrl(url.text) === null ? { kind: 'url', videoUrl: url.text } : null;
}

function readValues(shape: ManifestShape, row: ManifestRow): RoleValues | null {
  try {
    return readRoleValues(shape, row);
  } catch {
    return null;
  }
}

/** The source of a row, ignoring any other problems. For rows that were checked at import. */
export function sourceOf(shape: ManifestShape, row: ManifestRow): Source | null {
  const values = row.defect ? null : readValues(shape, row);
  return values === null ? null : toSource(values);
}

function toSource(values: RoleValues): Source | null {
  const { video_url: url, video_id: video, task_id: task, video_created_at: created } = values;
  if (url?.kind === 'text') return { kind: 'url', videoUrl: url.text };
  if (video?.kind !== 'text' || task?.kind !== 'text') return null;
  const createdAtMs = created?.kind === 'text' ? parseIsoTime(created.text) : null;
  return {
    kind: 'kling',
    videoId: video.text,
    taskId: task.text,
    ...(createdAtMs === null ? {} : { createdAtMs }),
  };
}

/** The row has no source, two sources, or half of one. */
function findSourceProblems(
  values: RoleValues,
  shape: ManifestShape,
  row: ManifestRow,
): RowProblem[] {
  const { video_url: url, video_id: video, task_id: task } = values;
  const hasId = video !== undefined || task !== undefined;
  if (!url && !hasId) return [noSource(shape, row)];
  const problems: RowProblem[] = [];
  if (url && hasId) problems.push(bothSources(shape, row));
  if (!url && !video) problems.push(missingHalf(shape, row, 'video_id', 'task_id'));
  if (!url && !task) problems.push(missingHalf(shape, row, 'task_id', 'video_id'));
  return problems;
}

function addValueProblems(
  problems: RowProblem[],
  values: RoleValues,
  shape: ManifestShape,
  row: ManifestRow,
): void {
  for (const role of MANIFEST_ROLES) {
    const value = values[role];
    const fault = value === undefined ? null : findFault(role, value, values);
    if (value !== undefined && fault !== null) {
      problems.push(toProblem(fault, { value, column: shape.roles[role], row }));
    }
  }
}

function findFault(role: ManifestRole, value: RoleValue, values: RoleValues): ValueFault | null {
  switch (role) {
    case 'video_url':
      return value.kind === 'text' ? checkVideoUrl(value.text) : notText(value);
    case 'video_id':
    case 'task_id':
      return checkId(value);
    case 'video_created_at':
      return values.video_id || values.task_id ? checkCreatedAt(value) : null;
  }
}

function checkId(value: RoleValue): ValueFault | null {
  if (value.kind === 'number') return jsonNumberFault();
  return value.kind === 'text' ? checkKlingId(value.text) : notText(value);
}

function checkCreatedAt(value: RoleValue): ValueFault | null {
  if (value.kind !== 'text') return notText(value);
  if (parseIsoTime(value.text) !== null) return null;
  return {
    code: 'bad_date',
    message:
      'is not a date in ISO 8601; write 2026-05-31 or 2026-05-31T14:30:00Z (UTC when it has no zone)',
  };
}

function notText(value: RoleValue): ValueFault {
  const type = value.kind === 'other' ? value.type : value.kind;
  return { code: 'not_text', message: `is a JSON ${type}; write it as a string, in quotes` };
}

function toProblem(
  fault: ValueFault,
  where: { value: RoleValue; column: string | null; row: ManifestRow },
): RowProblem {
  const shown = showValue(textOf(where.value));
  const place = `Line ${where.row.line}, column "${showColumn(where.column)}"`;
  const quoted = shown === '' ? 'its value' : `"${shown}"`;
  return {
    code: fault.code,
    column: where.column,
    value: shown === '' ? null : shown,
    message: `${place}: ${quoted} ${fault.message}.`,
  };
}

function textOf(value: RoleValue): string {
  switch (value.kind) {
    case 'text':
      return value.text;
    case 'number':
      return value.digits;
    case 'other':
      return '';
  }
}

function noSource(shape: ManifestShape, row: ManifestRow): RowProblem {
  const { video_url: url, video_id: video, task_id: task } = shape.roles;
  const ids =
    video !== null && task !== null
      ? `both "${showColumn(video)}" and "${showColumn(task)}"`
      : null;
  const choices = [url === null ? null : `"${showColumn(url)}"`, ids].filter(
    (choice) => choice !== null,
  );
  return aboutRow('no_source', row, `names no video; fill in ${choices.join(', or ')}`);
}

function bothSources(shape: ManifestShape, row: ManifestRow): RowProblem {
  const { video_url: url, video_id: video, task_id: task } = shape.roles;
  const ids = [video, task]
    .filter((column) => column !== null)
    .map((column) => `"${showColumn(column)}"`);
  return aboutRow(
    'both_sources',
    row,
    `has both "${showColumn(url)}" and ${ids.join(' or ')}, and the API takes one of the two; empty the other`,
  );
}

function missingHalf(
  shape: ManifestShape,
  row: ManifestRow,
  missing: 'video_id' | 'task_id',
  present: 'video_id' | 'task_id',
): RowProblem {
  return aboutRow(
    `${missing}_missing`,
    row,
    `has "${showColumn(shape.roles[present])}" but no ${missing}, and the API needs both; fill in the other`,
    shape.roles[missing],
  );
}

function brokenJson(row: ManifestRow): RowProblem {
  return aboutRow('broken_json', row, 'is not one JSON object; write one complete object per line');
}

function aboutRow(
  code: RowDefect,
  row: ManifestRow,
  message: string,
  column: string | null = null,
): RowProblem {
  return { code, column, value: null, message: `Line ${row.line} ${message}.` };
}
