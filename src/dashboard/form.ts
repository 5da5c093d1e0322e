import { MANIFEST_ROLES } from '../lib/core/manifest/manifest.ts';
import { kindOf, type RequestOptions, type WrittenRequest } from '../lib/requests/option.ts';
import type { DashboardContext } from './dashboard-env.ts';
import { type Parameters, textUpTo } from './parameters.ts';

const MAX_LENGTH = 2_000;
const MAX_VALUES = 10_000;

/** The text fields of a form, cut to 2000 characters each. */
export async function readFields(context: DashboardContext): Promise<Record<string, string>> {
  const body = await context.req.parseBody();
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value.trim().slice(0, MAX_LENGTH)]] : [],
    ),
  );
}

/** The same with every value of a field: check boxes of one name. At most 10,000 values each. */
export async function readAllFields(
  context: DashboardContext,
): Promise<Record<string, readonly string[]>> {
  const body = await context.req.parseBody({ all: true });
  return Object.fromEntries(
    Object.entries(body).map(([name, given]) => {
      const texts = [given].flat().filter((value) => typeof value === 'string');
      return [name, texts.slice(0, MAX_VALUES).map((text) => text.slice(0, MAX_LENGTH))];
    }),
  );
}

/** The names of the fields of these options, as the parameters of a page. */
export const parametersOf = (options: RequestOptions): Parameters =>
  Object.fromEntries(
    Object.entries(options)
      .flatMap(([name, { schema }]) =>
        kindOf(schema) === 'columns' ? MANIFEST_ROLES.map((role) => `${name}.${role}`) : [name],
      )
      .map((name) => [name, textUpTo(MAX_LENGTH)]),
  );

/** The request in the fields: these options, and the columns of roles in fields such as `map.video_url`. */
export function writtenIn(
  options: RequestOptions,
  fields: Readonly<Record<string, string>>,
): WrittenRequest {
  const written = Object.entries(options).map(([name, option]) => {
    if (kindOf(option.schema) !== 'columns') return [name, fields[name] ?? ''];
    const roles = MANIFEST_ROLES.map((role) => [role, fields[`${name}.${role}`] ?? '']);
    return [name, Object.fromEntries(roles)];
  });
  return Object.fromEntries(written);
}
