import { MANIFEST_ROLES } from '../lib/core/manifest/manifest.ts';
import { kindOf, type RequestOptions, type WrittenRequest } from '../lib/requests/option.ts';
import type { DashboardContext } from './dashboard-env.ts';

const MAX_LENGTH = 2_000;

/** The text fields of a form, cut to 2000 characters each. */
export async function readFields(context: DashboardContext): Promise<Record<string, string>> {
  const body = await context.req.parseBody();
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value.trim().slice(0, MAX_LENGTH)]] : [],
    ),
  );
}

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
