import { z } from 'zod';
import type { Route } from './define-route.ts';
import { openApiPath } from './route-path.ts';

/** What the documentation needs of a call; routes have it, and so have the data plane's calls. */
export type DocumentedCall = Pick<Route, 'method' | 'path' | 'permission' | 'tag' | 'summary'> &
  Partial<Pick<Route, 'params' | 'query' | 'body' | 'response' | 'status' | 'mediaType' | 'otherMediaType'>>;

interface JsonSchema {
  [key: string]: unknown;
}

const problemSchema = z.strictObject({
  error: z.strictObject({
    code: z.string().describe('one of docs/errors.md'),
    message: z.string(),
    field: z.string().optional(),
  }),
});

/** The OpenAPI 3.1 document of these calls. Every operation names its permission in `x-permission`. */
export function openApiDocument(calls: readonly DocumentedCall[], version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const call of calls) {
    const path = (paths[openApiPath(call.path)] ??= {});
    path[call.method.toLowerCase()] = operationOf(call);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'aiproxy', version, description: 'Management and data-plane calls of one aiproxy node.' },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { apiKey: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
      schemas: { Problem: jsonSchemaOf(problemSchema, 'output') },
    },
  };
}

function operationOf(call: DocumentedCall): Record<string, unknown> {
  const open = call.permission === 'none' ? { security: [] } : {};
  const body = call.body === undefined ? {} : { requestBody: bodyOf(call.body) };
  return {
    operationId: operationIdOf(call),
    summary: call.summary,
    tags: [call.tag],
    'x-permission': call.permission,
    ...open,
    parameters: [...parametersOf(call.params, 'path'), ...parametersOf(call.query, 'query')],
    ...body,
    responses: {
      [String(call.status ?? 200)]: answerOf(call),
      default: {
        description: 'An error',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function operationIdOf({ method, path }: DocumentedCall): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return [method.toLowerCase(), ...words].join('_');
}

function bodyOf(schema: z.ZodType): Record<string, unknown> {
  const required = !schema.safeParse(undefined).success;
  return { required, content: { 'application/json': { schema: jsonSchemaOf(schema, 'input') } } };
}

function answerOf({ status, mediaType, otherMediaType, response }: DocumentedCall): Record<string, unknown> {
  if (status === 204) return { description: 'Done' };
  const schema = response === undefined ? {} : { schema: jsonSchemaOf(response, 'output') };
  const other = otherMediaType === undefined ? {} : { [otherMediaType]: {} };
  return { description: 'The answer', content: { [mediaType ?? 'application/json']: schema, ...other } };
}

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): Record<string, unknown>[] {
  if (schema === undefined) return [];
  const { properties, required } = jsonSchemaOf(schema, 'input');
  if (typeof properties !== 'object' || properties === null) return [];
  const names: unknown[] = Array.isArray(required) ? required : [];
  return Object.entries(properties).map(([name, one]) => ({
    name,
    in: place,
    required: place === 'path' || names.includes(name),
    schema: one,
  }));
}

function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  // What zod checks beyond JSON Schema's means (refinements) is documented as what remains.
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
