import { html } from 'hono/html';
import { MANIFEST_ROLES, type ManifestRole } from '../../lib/core/manifest/manifest.ts';
import {
  choicesOf,
  kindOf,
  type RequestOption,
  type RequestOptions,
  type WrittenRequest,
} from '../../lib/requests/option.ts';
import type { Html } from '../dashboard-env.ts';

/** One field for each of these options, filled with what was written. */
export const fieldsOf = (options: RequestOptions, written: WrittenRequest): Html[] =>
  Object.entries(options).map(([name, option]) => fieldOf(name, option, written));

/** The field of one option. `more`: further attributes of its input. */
export function fieldOf(
  name: string,
  option: RequestOption,
  written: WrittenRequest,
  more: Html | string = '',
): Html {
  const { label } = option;
  const kind = kindOf(option.schema);
  if (kind === 'switch') {
    const checked = written[name] === true || written[name] === 'on' ? 'checked' : '';
    return html`<label class="check"><input type="checkbox" name="${name}" ${checked}>${label}</label>`;
  }
  if (kind === 'columns') {
    return html`${MANIFEST_ROLES.map((role) => columnField(name, role, written))}`;
  }
  const value = shownIn(option, written[name]);
  const choices = choicesOf(option) ?? Object.keys(option.words ?? {});
  if (choices.length > 0) return choiceField(name, option, choices, value);
  const required = option.isRequired ? 'required' : '';
  return html`<label class="${option.isLong ? 'grow' : ''}">${label} <input name="${name}" value="${value}" placeholder="${option.hint ?? ''}" maxlength="2000" autocomplete="off" ${required} ${more}></label>`;
}

/** The value of a field; an untouched form has the defaults. */
function shownIn(
  { default: fallback }: RequestOption,
  written: WrittenRequest[string] = '',
): string {
  const value = written === '' && fallback !== undefined ? fallback : written;
  if (Array.isArray(value)) return value.join(',');
  return value === null || typeof value === 'object' ? '' : String(value);
}

function choiceField(
  name: string,
  { label, words = {} }: RequestOption,
  choices: readonly string[],
  chosen: string,
): Html {
  const all = '' in words && !choices.includes('') ? ['', ...choices] : choices;
  return html`<label>${label} <select name="${name}">${all.map(
    (choice) =>
      html`<option value="${choice}" ${choice === chosen ? 'selected' : ''}>${words[choice] ?? choice}</option>`,
  )}</select></label>`;
}

function columnField(name: string, role: ManifestRole, written: WrittenRequest): Html {
  const columns = written[name] ?? {};
  const column =
    columns !== null && typeof columns === 'object' && !Array.isArray(columns)
      ? (columns[role] ?? '')
      : '';
  return html`<label>Column of ${role} <input name="${name}.${role}" value="${column}" placeholder="by its name" maxlength="500"></label>`;
}
