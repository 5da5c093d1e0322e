import { html } from 'hono/html';
import {
  READING_OPTIONS,
  TIMING_OPTIONS,
  WORKING_OPTIONS,
} from '../../../lib/requests/import-request.ts';
import type { WrittenRequest } from '../../../lib/requests/option.ts';
import { REPORT_OPTIONS } from '../../../lib/requests/report-request.ts';
import {
  NOTICE_OPTIONS,
  RUN_OPTIONS,
  SCHEDULE_OPTIONS,
} from '../../../lib/requests/schedule-request.ts';
import type { DashboardContext, Html } from '../../dashboard-env.ts';
import { fieldOf, fieldsOf } from '../../parts/option-fields.ts';
import { csrfField } from '../layout.ts';

/** The values of the form: as typed, or as the schedule has them. */
export interface Filled {
  /** The name of an existing schedule; null for a new one. */
  name: string | null;
  /** The name as typed, for a new schedule. */
  newName?: string;
  written: WrittenRequest;
  /** When the displayed version of the schedule was last changed. */
  seenMs: number | null;
  problem: string | null;
  /** What its times mean. */
  preview: Html;
}

export function scheduleForm(context: DashboardContext, filled: Filled): Html {
  const { name, newName = '', written, seenMs, problem, preview } = filled;
  const { cron, manifest } = SCHEDULE_OPTIONS;
  const { tz, ...hours } = TIMING_OPTIONS;
  // May contain a problem.
  const open = problem === null ? '' : 'open';
  return html`<h1>${name === null ? 'New schedule' : html`Edit <a href="/schedules/${name}">${name}</a>`}</h1>
    ${problem !== null && html`<p class="notice bad" role="alert">${problem}</p>`}
    <form method="post" class="card schedule-form">${csrfField(context)}
      ${seenMs !== null && html`<input type="hidden" name="seenMs" value="${seenMs}">`}
      <fieldset><legend>When</legend>
        ${name === null && html`<label>Name <input name="name" value="${newName}" placeholder="nightly" maxlength="40" autocomplete="off" required pattern="[a-z0-9\\-]+"></label>`}
        ${fieldOf('cron', cron, written)}${fieldOf('tz', tz, written, html`list="zones" required`)}
        <datalist id="zones">${Intl.supportedValuesOf('timeZone').map((zone) => html`<option value="${zone}">`)}</datalist>
        <div class="found" id="times" aria-live="polite" data-times-of="/schedules/-/times">${preview}</div>
        ${fieldsOf(hours, written)}</fieldset>
      <fieldset><legend>What</legend>${fieldOf('manifest', manifest, written)}
        <p class="muted">An absolute path on the workers' machine, the newest file of a glob, or an address. <code>{yyyy-MM-dd}</code> is the run's date, <code>{yyyy-MM-dd, -1d}</code> the day before.</p>
        ${fieldsOf(RUN_OPTIONS, written)}</fieldset>
      <details id="reading" ${open}><summary>How the manifest is read</summary><fieldset>${fieldsOf(READING_OPTIONS, written)}</fieldset></details>
      <details id="working" ${open}><summary>How its rows are processed, and where reports and notices go</summary><fieldset>${fieldsOf({ ...WORKING_OPTIONS, ...REPORT_OPTIONS, ...NOTICE_OPTIONS }, written)}</fieldset></details>
      <p class="buttons"><button class="primary">${name === null ? 'Create schedule' : 'Save'}</button>
      <button name="preview" value="yes" formnovalidate>Show the next times</button>
      <a class="button" href="${name === null ? '/schedules' : `/schedules/${name}`}">Cancel</a></p></form>`;
}
