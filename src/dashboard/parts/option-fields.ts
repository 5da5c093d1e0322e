import { html } from 'hono/html';
import { MANIFEST_ROLES, type ManifestRole } from '../../lib/core/manifest/manifest.ts';
import type { RequestOption, RequestOptions, WrittenRequest } from '../../lib/requests/option.ts';
import type { Html } from '../dashboard-env.ts';

type Section = NonNullable<RequestOption['section']>;

/** The fields of a section of a form, filled with what was written. */
export const fieldsOf = (
  options: RequestOptions,
  section: Section,
  written: WrittenRequest,
): Html[] =>
  Object.entries(options)
    .filter(([, option]) => option.section === section)
    .map(([name, option]) => fieldOf(name, option, written));

/** The field of one option. `more`: further attributes of its input. */
export function fieldOf(
  name: string,
  option: RequestOption,
  written: WrittenRequest,
  more: Html | string = '',
): Html {
  const { kind, label, words } = option;
  if (kind === 'switch') {
    const checked = written[name] === true || written[name] === 'on' ? 'checked' : '';
    return html`<label class="check"><input type="checkbox" name="${name}" ${checked}>${label}</label>`;
  }
  if (kind === 'columns') {
    return html`${MANIFEST_ROLES.map((role) => columnField(name, role, written))}`;
  }
  const value = shownIn(option, written[name]);
  if (kind === 'choice' || words !== undefined) return choiceField(name, option, value);
  const required = option.isRequired ? 'required' : '';
  return html`<label>${label} <input name="${name}" value="${value}" placeholder="${option.hint ?? ''}" maxlength="2000" autocomplete="off" ${required} ${more}></label>`;
}

/** What a field holds; a form that nobody has filled yet has the defaults. */
function shownIn(
  { default: fallback }: RequestOption,
  written: WrittenRequest[string] = '',
): string {
  const value = written === '' && fallback !== undefined ? fallback : written;
  if (Array.isArray(value)) return value.join(',');
  return value === null || typeof value === 'object' ? '' : String(value);
}

function choiceField(name: string, option: RequestOption, chosen: string): Html {
  const { label, words = {} } = option;
  const choices =
    option.kind === 'choice'
      ? [...('' in words ? [''] : []), ...option.schema.options.map(String)]
      : Object.keys(words);
  return html`<label>${label} <select name="${name}">${choices.map((choice) =>
    choice === chosen
      ? html`<option value="${choice}" selected>${words[choice] ?? choice}</option>`
      : html`<option value="${choice}">${words[choice] ?? choice}</option>`,
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
