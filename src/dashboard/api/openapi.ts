import { z } from 'zod';
import { KEY_HEADER } from '../answer-once.ts';
import { ERROR_CODES } from '../pages/refusal.ts';
import { type ApiRoute, NAMED_BODIES, NAMED_SCHEMAS, named } from './api-route.ts';

type Json = Record<string, unknown>;

const apiError = named(
  'Error',
  z.object({
    error: z.object({
      code: z.enum(ERROR_CODES).describe('For programs; it stays the same between versions.'),
      message: z.string().describe('For people: one sentence.'),
    }),
  }),
);

const PREFIX = '#/components/schemas/';

/** Every operation may fail in the same ways. */
const failures = (): Json => ({
  Refused: {
    description: 'Refused, and why. Nothing was changed.',
    content: content(apiError),
  },
  Failed: {
    description: 'Redis cannot be reached, or there is a bug.',
    content: content(apiError),
  },
});

/** The API's description (OpenAPI 3.1), made from the schemas that parse requests and answers. */
export function describeApi(routes: readonly ApiRoute[], version: string): Json {
  const paths: Record<string, Json> = {};
  const bodies: Record<string, Json> = {};
  for (const route of routes) {
    const { path, method } = route;
    const name = path.replaceAll(/:(\w+)/g, '{$1}');
    paths[name] = { ...paths[name], [method.toLowerCase()]: describe(route, bodies) };
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
    security: [{ token: [] }, { password: [] }, { cookie: [] }],
    paths,
    components: {
      schemas: { ...schemas(), ...bodies },
      responses: failures(),
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'A token of `kling-sessions tokens`.',
        },
        password: { type: 'http', scheme: 'basic' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'kling_sessions' },
      },
    },
  };
}

/** OpenAPI's form of the header by which a change may be repeated. */
const KEY_PARAMETER: Json = {
  name: KEY_HEADER,
  in: 'header',
  required: false,
  description:
    'Makes a change safe to repeat: for 24 h the same request with the same key gives the same answer, and is carried out once.',
  schema: { type: 'string', minLength: 1, maxLength: 200 },
};

const content = (schema: z.ZodType, mediaType = 'application/json'): Json => ({
  [mediaType]: { schema: refer(schema) },
});

function describe(
  { path, access, method, operation }: ApiRoute,
  bodies: Record<string, Json>,
): Json {
  const { summary, query, body, takesFile, answer, type } = operation;
  const operationId = operationIdOf(summary);
  const who = access === 'operator' ? 'For operators.' : 'For viewers and operators.';
  return {
    summary,
    description: [operation.description, who].filter(Boolean).join(' '),
    operationId,
    parameters: [
      ...pathParameters(path),
      ...queryParameters(query),
      ...(method === 'GET' ? [] : [KEY_PARAMETER]),
    ],
    ...(takesFile && { requestBody: { required: true, content: FILE } }),
    ...(body && {
      requestBody: {
        required: false,
        content: {
          'application/json': { schema: referToBody(body, `${operationId}Body`, bodies) },
        },
      },
    }),
    responses: {
      200: { description: 'Success.', content: content(answer, type ?? undefined) },
      '4XX': { $ref: '#/components/responses/Refused' },
      '5XX': { $ref: '#/components/responses/Failed' },
    },
  };
}

const operationIdOf = (summary: string): string =>
  summary.replaceAll(/[^A-Za-z]+(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Every body has a name: generators call others `InlineObject7`, and another one after the next change. */
function referToBody(schema: z.ZodType, id: string, bodies: Record<string, Json>): Json {
  const found = refer(schema);
  if ('$ref' in found) return found;
  bodies[id] = found;
  return { $ref: PREFIX + id };
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

function refer(schema: z.ZodType): Json {
  const id = (NAMED_SCHEMAS.get(schema) ?? NAMED_BODIES.get(schema))?.id;
  if (id !== undefined) return { $ref: PREFIX + id };
  const { $schema: _, ...inline } = z.toJSONSchema(schema, {
    io: 'input',
    override: sayForGenerators,
  });
  return inline;
}

/** What generated clients need to know. */
function sayForGenerators(context: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  nameProperties(context);
  // Null means that nothing is given, and so does a field that is left out. Some generated clients send the default.
  if (context.jsonSchema.default === null) delete context.jsonSchema.default;
}

/** A record with known keys as an object with these properties: generated clients then know them by name. */
function nameProperties({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  const { propertyNames, additionalProperties } = jsonSchema;
  const keys = typeof propertyNames === 'object' ? propertyNames.enum : undefined;
  if (keys === undefined || typeof additionalProperties !== 'object') return;
  jsonSchema.properties = Object.fromEntries(
    keys.map((key) => [String(key), additionalProperties]),
  );
  jsonSchema.additionalProperties = false;
  delete jsonSchema.propertyNames;
}

function schemas(): Record<string, Json> {
  const uri = (id: string): string => PREFIX + id;
  const all = {
    ...z.toJSONSchema(NAMED_SCHEMAS, { uri, override: sayForGenerators }).schemas,
    ...z.toJSONSchema(NAMED_BODIES, { uri, io: 'input', override: sayForGenerators }).schemas,
  };
  return Object.fromEntries(
    Object.entries(all).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema as Json]),
  );
}
