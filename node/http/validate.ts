import { z } from 'zod';
import { protocolFaults } from '../protocols/faults.ts';

/** Longest name of a field that an error tells of, characters. */
const fieldLengthMax = 100;

export type RequestPart = 'params' | 'query' | 'body';

/**
 * Checks one part of a request. Without a schema the part is not the route's business: answers undefined as T.
 * Throws `invalid_request` (400) with the field and what is allowed.
 */
export function validate<T>(schema: z.ZodType<T> | undefined, value: unknown, part: RequestPart): T {
  // A route without a schema has T = undefined (the default in defineRoute).
  if (schema === undefined) return undefined as T;
  const result = schema.safeParse(value ?? (part === 'body' ? undefined : {}));
  if (result.success) return result.data;
  throw badPart(result.error, schema, value, part);
}

function badPart(error: z.ZodError, schema: z.ZodType, value: unknown, part: RequestPart): Error {
  const issue = error.issues[0];
  if (issue === undefined) return protocolFaults.invalid_request(`the ${part} is not valid`);
  if (value === undefined && part === 'body') {
    return protocolFaults.invalid_request('a JSON body is required (content-type: application/json)');
  }
  const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = unknownKey === undefined ? issue.path : [...issue.path, unknownKey];
  const field = cut(pathOf(path));
  const problem = unknownKey === undefined ? wordsOf(issue, value) : `unknown field${allowedKeys(schema, issue.path)}`;
  const message = field === '' ? `${part}: ${problem}` : `${field}: ${problem}`;
  return protocolFaults.invalid_request(message, field === '' ? {} : { field });
}

/** A name that somebody made up may be as long as a body. */
function cut(field: string): string {
  return field.length > fieldLengthMax ? `${field.slice(0, fieldLengthMax)}…` : field;
}

/** zod's own words hold expected type or values and never the value that came. */
function wordsOf(issue: z.core.$ZodIssue, value: unknown): string {
  const isMissing = issue.code === 'invalid_type' && valueAt(value, issue.path) === undefined;
  return isMissing ? `is required (${issue.expected})` : lowerFirst(issue.message);
}

function allowedKeys(schema: z.ZodType, path: readonly PropertyKey[]): string {
  const object = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  if (path.length > 0 || !(object instanceof z.ZodObject)) return '';
  return `; allowed: ${Object.keys(object.shape).join(', ')}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}

/** `accounts[0].weight` */
function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
