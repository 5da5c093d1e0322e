import { html } from 'hono/html';
import { MANIFEST_FORMATS, MANIFEST_ROLES } from '../../../lib/core/manifest/manifest.ts';
import { NOTICE_FORMATS } from '../../../lib/core/notice/notice-target.ts';
import type { DashboardContext, Html } from '../../dashboard-env.ts';
import type { WantedSchedule } from '../../schedules/schedule-desk.ts';
import { csrfField } from '../layout.ts';

/** What the form shows: as it was typed, or as the schedule is. */
export interface Filled {
  /** Null for a schedule that is not made yet: it is typed, too. */
  name: string | null;
  wanted: WantedSchedule;
  /** When the schedule was changed last, as it was seen. */
  seenMs: number | null;
  problem: string | null;
}

const DEFAULTS: WantedSchedule = {
  overlap: 'skip',
  catchUp: '12h',
  maxFailures: '50%',
  priority: 10,
};

export const newSchedule = (): WantedSchedule => ({
  ...DEFAULTS,
  tz: Intl.DateTimeFormat().resolvedOptions().timeZone,
});

export function scheduleForm(context: DashboardContext, filled: Filled): Html {
  const { name, wanted, seenMs, problem } = filled;
  const fields = new Fields(wanted);
  return html`<h1>${name === null ? 'New schedule' : html`Edit <a href="/schedules/${name}">${name}</a>`}</h1>
    ${problem !== null && html`<p class="notice bad" role="alert">${problem}</p>`}
    <form method="post" class="card schedule-form">${csrfField(context)}
      ${seenMs !== null && html`<input type="hidden" name="seenMs" value="${seenMs}">`}
      ${when(fields, name)}${what(fields)}${reading(fields)}${working(fields)}
      <p class="buttons"><button class="primary">${name === null ? 'Make schedule' : 'Save'}</button>
      <a class="button" href="${name === null ? '/schedules' : `/schedules/${name}`}">Cancel</a></p></form>`;
}

/** Fields filled with what is wanted. */
class Fields {
  readonly #wanted: WantedSchedule;

  constructor(wanted: WantedSchedule) {
    this.#wanted = wanted;
  }

  value(key: string): string {
    const value = this.#wanted[key] ?? '';
    if (Array.isArray(value)) return value.join(',');
    return typeof value === 'object' ? '' : String(value);
  }

  text(label: string, key: string, hint: string, more: Html | string = ''): Html {
    return html`<label>${label} <input name="${key}" value="${this.value(key)}" placeholder="${hint}" maxlength="2000" autocomplete="off" ${more}></label>`;
  }

  choice(label: string, key: string, choices: readonly (readonly [string, string])[]): Html {
    return html`<label>${label} <select name="${key}">${choices.map(([value, words]) =>
      value === this.value(key)
        ? html`<option value="${value}" selected>${words}</option>`
        : html`<option value="${value}">${words}</option>`,
    )}</select></label>`;
  }

  check(label: string, key: string): Html {
    const checked = this.#wanted[key] === true ? 'checked' : '';
    return html`<label class="check"><input type="checkbox" name="${key}" ${checked}>${label}</label>`;
  }

  column(role: string): Html {
    const { map } = this.#wanted;
    const column = typeof map === 'object' && !Array.isArray(map) ? (map[role] ?? '') : '';
    return html`<label>Column of ${role} <input name="map.${role}" value="${column}" placeholder="by its name" maxlength="500"></label>`;
  }
}

const when = (fields: Fields, name: string | null): Html => html`<fieldset><legend>When</legend>
  ${name === null && fields.text('Name', 'name', 'nightly', html`required pattern="[a-z0-9\\-]+"`)}
  ${fields.text('Cron expression: minute, hour, day, month, weekday', 'cron', '0 2 * * *', html`required`)}
  ${fields.text('Time zone', 'tz', 'Asia/Taipei', html`list="zones" required`)}
  <datalist id="zones">${Intl.supportedValuesOf('timeZone').map((zone) => html`<option value="${zone}">`)}</datalist>
  ${fields.text('Works only within', 'window', '22:00-06:00')}${fields.text('Should end by', 'finishBy', '06:00')}</fieldset>`;

const what = (fields: Fields): Html => html`<fieldset><legend>What</legend>
  <label class="grow">Manifest <input name="manifest" value="${fields.value('manifest')}" placeholder="/srv/clips/{yyyy-MM-dd}.csv" maxlength="2000" required></label>
  <p class="muted">A whole path on the workers' machine, the newest file of a glob, or an address. <code>{yyyy-MM-dd}</code> is the run's date, <code>{yyyy-MM-dd, -1d}</code> the day before.</p>
  ${fields.choice('Rows', 'only', [
    ['', 'all'],
    ['new', 'only new ones'],
    ['failed', 'only those that failed'],
    ['new,failed', 'new ones and those that failed'],
  ])}
  ${fields.choice('The same manifest again', 'unchanged', [
    ['run', 'is imported'],
    ['skip', 'is skipped'],
  ])}
  ${fields.choice('A run beside an earlier one', 'overlap', [
    ['skip', 'is left out'],
    ['queue', 'waits for it'],
    ['cancel-previous', 'cancels it'],
  ])}
  ${fields.text('Missed runs start late by up to', 'catchUp', '12h')}</fieldset>`;

const reading = (
  fields: Fields,
): Html => html`<details id="reading"><summary>How the manifest is read</summary><fieldset>
  ${MANIFEST_ROLES.map((role) => fields.column(role))}
  ${fields.choice('Format', 'format', [
    ['', 'detected'],
    ...MANIFEST_FORMATS.map((format) => [format, format] as const),
  ])}
  ${fields.text('Delimiter', 'delimiter', 'detected')}${fields.text('Sheet', 'sheet', 'the first')}</fieldset></details>`;

const working = (
  fields: Fields,
): Html => html`<details id="working"><summary>How its rows are worked on, and who is told</summary><fieldset>
  ${fields.text('Priority, 1 to 100', 'priority', '10')}${fields.text('First rows only', 'limit', 'all')}
  ${fields.text('First rows to try alone', 'canary', 'none')}${fields.text('Pause when so many fail', 'maxFailures', '50%, 50 or off')}
  ${fields.text('Tags of its batches', 'tag', 'spring, ads')}
  ${fields.text('Mends batch', 'mends', 'none')}
  ${fields.check('Use live sessions again', 'reuse')}${fields.check('Reject 23.976, 29.97 and 59.94 fps', 'strictFps')}
  ${fields.text('Webhook of its own', 'notifyUrl', 'that of all batches')}
  ${fields.choice(
    'Written for',
    'notifyFormat',
    NOTICE_FORMATS.map((format) => [format, format] as const),
  )}</fieldset></details>`;
