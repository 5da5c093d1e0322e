import { html } from 'hono/html';
import { formatCount, formatNumber } from '../../lib/core/in-words.ts';
import { MANIFEST_ROLES, type ManifestRole } from '../../lib/core/manifest/manifest.ts';
import {
  IMPORT_OPTIONS,
  READING_OPTIONS,
  TIMING_OPTIONS,
  WORKING_OPTIONS,
} from '../../lib/requests/import-request.ts';
import type { WrittenRequest } from '../../lib/requests/option.ts';
import { REPORT_OPTIONS } from '../../lib/requests/report-request.ts';
import type { DashboardContext, Html } from '../dashboard-env.ts';
import { fieldsOf } from '../parts/option-fields.ts';
import type { Examination, Examined, Finding } from '../uploads/manifest-imports.ts';
import { forPeople } from '../uploads/reading.ts';
import type { Upload } from '../uploads/upload-store.ts';
import { csrfField } from './layout.ts';

/** The values in the page's forms, as they were typed. */
export interface Filled {
  written: WrittenRequest;
  /** Why it was not started; null before that. */
  problem: string | null;
}

/** How an uploaded manifest was read, what is wrong with it, and what can be done with it. */
export function examinationPage(
  context: DashboardContext,
  upload: Upload,
  { written, problem }: Filled,
  examined: Examined,
): Html {
  return html`<h1>${upload.fileName}</h1>
    ${problem !== null && html`<p class="notice bad" role="alert">${problem}</p>`}
    ${examined.kind === 'not_understood' && problem === null && html`<p class="notice bad" role="alert">${forPeople(examined.message)}</p>`}
    ${examined.kind === 'understood' && summary(examined)}
    <div class="columns"><div class="grow">${readingForm(upload, written, examined)}
      ${examined.kind === 'understood' && findings(examined)}</div>
    <div class="side">${examined.kind === 'understood' && startForm(context, upload, { written, problem }, examined)}
      <form method="post" action="/upload/${upload.id}/discard">${csrfField(context)}<button class="quiet">Discard this file</button></form></div></div>`;
}

function summary(examined: Examination): Html {
  const { rows, counts, expired, expiringEarly, remarks, time, obstacle } = examined;
  const fact = (words: string, count: number): Html | false =>
    count > 0 && html`<dt>${words}</dt><dd>${formatCount(count)}</dd>`;
  return html`<section class="card" aria-label="Summary"><dl class="facts sums">
    ${fact('with an address', counts.url)}${fact('with video_id and task_id', counts.kling)}
    ${fact('invalid', counts.invalid)}${fact('repeat an earlier row', counts.duplicate)}
    <dt>rows</dt><dd><b>${formatCount(rows)}</b></dd>
    ${fact('of them expired', expired)}${fact('of them likely to expire before their turn', expiringEarly)}</dl>
    <p class="muted">${describeFormat(examined)} ${time}</p>
    ${remarks.map((remark) => html`<p class="notice">${forPeople(remark)}</p>`)}
    ${obstacle !== null && html`<p class="notice">${obstacle}</p>`}</section>`;
}

function describeFormat({ shape, container, sheet }: Examination): string {
  const { format, delimiter, columns } = shape;
  const width = formatNumber(columns.length, 'column');
  if (container === 'workbook') return `Sheet "${sheet}" of a workbook, ${width}.`;
  if (container === 'parquet') return `Parquet, ${width}.`;
  switch (format) {
    case 'csv':
      return `CSV, ${width}, separated by ${delimiter === '\t' ? 'TAB' : `"${delimiter}"`}.`;
    case 'jsonl':
      return `JSONL, ${formatNumber(columns.length, 'key')}.`;
    case 'list':
      return 'A list of addresses.';
  }
}

const ROLE_WORDS: Record<ManifestRole, string> = {
  video_url: 'Address of the video',
  video_id: 'Kling video id',
  task_id: 'Kling task id',
  video_created_at: 'Made at (for Kling videos)',
};

function readingForm(upload: Upload, written: WrittenRequest, examined: Examined): Html {
  const { map: _, ...others } = READING_OPTIONS;
  const columns = examined.kind === 'understood' ? examined.shape.columns : examined.columns;
  const chosen = (role: ManifestRole): string | null =>
    examined.kind === 'understood' ? examined.shape.roles[role] : columnsIn(written)[role];
  const option = (column: string, role: ManifestRole): Html =>
    column === chosen(role)
      ? html`<option selected>${column}</option>`
      : html`<option>${column}</option>`;
  const roles = columns.length === 0 ? [] : MANIFEST_ROLES;
  return html`<section class="card"><h2>How it is read</h2><form class="filter" method="get" action="/upload/${upload.id}">
    ${roles.map(
      (role) =>
        html`<label>${ROLE_WORDS[role]} <select name="map.${role}" id="map-${role}"><option value="">by its name</option>${columns.map((column) => option(column, role))}</select></label>`,
    )}${fieldsOf(others, written)}<button data-busy="Reading …">Read it this way</button></form>
    <p class="muted">All other columns are yours and come back as they are.</p></section>`;
}

/** The chosen column of each role; empty if none was chosen. */
function columnsIn({ map }: WrittenRequest): Record<ManifestRole, string> {
  const said = typeof map === 'object' && map !== null && !Array.isArray(map) ? map : {};
  return Object.fromEntries(
    MANIFEST_ROLES.map((role) => [role, String(said[role] ?? '')]),
  ) as Record<ManifestRole, string>;
}

function findings({ problems, duplicates, counts }: Examination): Html {
  if (problems.length === 0 && duplicates.length === 0) {
    return html`<section class="card"><h2>Problems</h2><p class="muted">None.</p></section>`;
  }
  const more = counts.invalid > problems.length ? `The first ${problems.length} of them.` : '';
  return html`<section class="card wide"><h2>Problems</h2>${findingTable(problems)}<p class="muted">${more}
    A bad row ends as invalid and does not affect the others; the report says what to fix.</p>
    ${duplicates.length > 0 && html`<h3>Repetitions</h3>${findingTable(duplicates)}`}</section>`;
}

const findingTable = (found: readonly Finding[]): Html =>
  html`<table><thead><tr><th class="number">Line</th><th>Column</th><th>Problem, and what to do</th></tr></thead><tbody>${found.map(
    ({ line, column, message }) =>
      html`<tr><td class="number">${line}</td><td>${column ?? ''}</td><td class="clip">${message}</td></tr>`,
  )}</tbody></table>`;

function startForm(
  context: DashboardContext,
  upload: Upload,
  { written, problem }: Filled,
  { rows, counts }: Examination,
): Html {
  const good = counts.url + counts.kling;
  return html`<section class="card"><h2>Start</h2><form method="post" action="/upload/${upload.id}/start" class="stack">${csrfField(context)}
    ${hiddenReading(written)}${fieldsOf({ batch: IMPORT_OPTIONS.batch, ...WORKING_OPTIONS, ...REPORT_OPTIONS }, written)}
    <details id="when" ${problem === null ? '' : 'open'}><summary>When its rows are processed</summary><div class="stack">${fieldsOf(TIMING_OPTIONS, written)}</div></details>
    <button class="primary" data-busy="Starting …">Start ${good === rows ? '' : 'with '}${formatNumber(rows, 'row')}</button>
    ${good < rows && html`<p class="muted">${formatNumber(good, 'row')} can get a session.</p>`}</form></section>`;
}

/** The manifest is read again with the same options as for this page. */
const hiddenReading = (written: WrittenRequest): Html[] =>
  [
    ...Object.entries(columnsIn(written)).map(([role, column]) => [`map.${role}`, column]),
    ...Object.keys(READING_OPTIONS).map((name) => [name, written[name]]),
  ].flatMap(([name, value]) =>
    typeof value === 'string' && value !== ''
      ? [html`<input type="hidden" name="${name}" value="${value}">`]
      : [],
  );
