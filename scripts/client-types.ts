// Prints the API's description (OpenAPI), or with `--digest` the digest that src/client/api-types.ts must name.
//
//   npx tsx scripts/client-types.ts > openapi.json

import { createHash } from 'node:crypto';
import { listApiRoutes } from '../src/dashboard/api/api-routes.ts';
import { describeApi } from '../src/dashboard/api/openapi.ts';

/** Routes use their ports only when they are asked. */
const NO_PORTS = {} as never;

/** The description without the version of the program. */
export const apiDocument = (): string =>
  JSON.stringify(describeApi(listApiRoutes(NO_PORTS, NO_PORTS), '0'));

export const digestOfApi = (): string => createHash('sha256').update(apiDocument()).digest('hex');

if (process.argv[1]?.endsWith('client-types.ts')) {
  process.stdout.write(process.argv.includes('--digest') ? `${digestOfApi()}\n` : apiDocument());
}
