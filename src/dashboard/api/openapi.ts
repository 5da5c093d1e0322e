import { z } from 'zod';
import { type ApiRoute, NAMED_BODIES, NAMED_SCHEMAS, named, type Operation } from './api-route.ts';

type Json = Record<string, unknown>;

const apiError = named(
  'Error',
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
);

/** The API's description (OpenAPI 3.1), made from the schemas that parse requests and answers. */
export function describeApi(routes: readonly ApiRoute[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const { path, method, access, operation } of routes) {
    const name = path.replaceAll(/:(\w+)/g, '{$1}');
    paths[name] = { ...paths[name], [method.toLowerCase()]: describe(path, access, operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'kling-sessions',
      version,
      description:
        'The data and actions of the pages. Times are ms since 1970 UTC. Changes require the role of an operator and, after a log-in by cookie, the header `X-CSRF-Token`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ password: [] }, { cookie: [] }],
    paths,
    components: {
      schemas: schemas(),
      securitySchemes: {
        password: { type: 'http', scheme: 'basic' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'kling_sessions' },
      },
    },
  };
}

function describe(path: string, access: string, operation: Operation): Json {
  const { summary, query, body, takesFile, answer, type } = operation;
  const content = (schema: z.ZodType, mediaType = 'application/json'): Json => ({
    [mediaType]: { schema: refer(schema) },
  });
  const who = access === 'operator' ? 'For operators.' : 'For viewers and operators.';
  return {
    summary,
    description: [operation.description, who].filter(Boolean).join(' '),
    operationId: summary.replaceAll(/[^A-Za-z]+(\w)/g, (_, letter: string) => letter.toUpperCase()),
    parameters: [...pathParameters(path), ...queryParameters(query)],
    ...(takesFile && { requestBody: { required: true, content: FILE } }),
    ...(body && { requestBody: { required: false, content: content(body) } }),
    responses: {
      200: { description: 'Success.', content: content(answer, type ?? undefined) },
      default: { description: 'Refused, and why.', content: content(apiError) },
    },
  };
}

/** OpenAPI 3.1: raw bytes have no schema. */
const FILE: Json = { 'application/octet-stream': {} };

const pathParameters = (path: string): Json[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));

function queryParameters(query: z.ZodObject | null): Json[] {
  if (query === null) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name) && !(typeof schema === 'object' && 'default' in schema),
    schema,
  }));
}

const PREFIX = '#/components/schemas/';

function refer(schema: z.ZodType): Json {
  const id = (NAMED_SCHEMAS.get(schema) ?? NAMED_BODIES.get(schema))?.id;
  if (id !== undefined) return { $ref: PREFIX + id };
  const { $schema: _, ...inline } = z.toJSONSchema(schema, { io: 'input' });
  return inline;
}

function schemas(): Record<string, Json> {
  const uri = (id: string): string => PREFIX + id;
  const all = {
    ...z.toJSONSchema(NAMED_SCHEMAS, { uri }).schemas,
    ...z.toJSONSchema(NAMED_BODIES, { uri, io: 'input' }).schemas,
  };
  return Object.fromEntries(
    Object.entries(all).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema as Json]),
  );
}
