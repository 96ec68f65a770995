/**
 * Readers for members of decoded JSON. Each throws `invalid_request` with the member's path and what is allowed, so
 * that every decoder reports bad input in the same words. `undefined` and JSON null both count as absent where a
 * reader is optional (clients send explicit nulls).
 */
import { isJsonObject, type Json, type JsonObject } from '../../kit/json.ts';
import { protocolFaults } from './faults.ts';

/** Makes the Fault for a member that is not what it must be. */
export function badField(path: string, allowed: string, got?: unknown): Error {
  const shown = got === undefined ? '' : `, got ${describe(got)}`;
  return protocolFaults.invalid_request(`${path}: ${allowed}${shown}`, { field: path });
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'string') return value.length <= 40 ? JSON.stringify(value) : 'a string';
  if (typeof value === 'object') return 'an object';
  return String(value);
}

export function join(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}

export function optionalString(from: JsonObject, key: string, path: string): string | undefined {
  const value = from[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw badField(join(path, key), 'must be a string', value);
  return value;
}

export function requiredString(from: JsonObject, key: string, path: string): string {
  const value = optionalString(from, key, path);
  if (value === undefined) throw badField(join(path, key), 'is required and must be a string');
  return value;
}

export function optionalNumber(
  from: JsonObject,
  key: string,
  path: string,
  bounds?: { min?: number; max?: number; integer?: boolean },
): number | undefined {
  const value = from[key];
  // Cherry Studio sends the literal "[undefined]" for numbers that its user left empty (CherryHQ/cherry-studio#10466).
  if (value === undefined || value === null || value === '[undefined]') return undefined;
  const isRightKind = typeof value === 'number' && (!bounds?.integer || Number.isInteger(value));
  const isInBounds =
    typeof value === 'number' && value >= (bounds?.min ?? -Infinity) && value <= (bounds?.max ?? Infinity);
  if (!isRightKind || !isInBounds) throw badField(join(path, key), numberRule(bounds), value);
  return value;
}

function numberRule(bounds: { min?: number; max?: number; integer?: boolean } = {}): string {
  const kind = bounds.integer ? 'an integer' : 'a number';
  if (bounds.min !== undefined && bounds.max !== undefined)
    return `must be ${kind} from ${bounds.min} to ${bounds.max}`;
  if (bounds.min !== undefined) return `must be ${kind} of at least ${bounds.min}`;
  if (bounds.max !== undefined) return `must be ${kind} of at most ${bounds.max}`;
  return `must be ${kind}`;
}

export function optionalBoolean(from: JsonObject, key: string, path: string): boolean | undefined {
  const value = from[key];
  if (value === undefined || value === null || value === '[undefined]') return undefined;
  if (typeof value !== 'boolean') throw badField(join(path, key), 'must be true or false', value);
  return value;
}

export function optionalArray(from: JsonObject, key: string, path: string): Json[] | undefined {
  const value = from[key];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw badField(join(path, key), 'must be an array', value);
  return value;
}

export function requiredArray(from: JsonObject, key: string, path: string): Json[] {
  const value = optionalArray(from, key, path);
  if (value === undefined) throw badField(join(path, key), 'is required and must be an array');
  return value;
}

export function optionalObject(from: JsonObject, key: string, path: string): JsonObject | undefined {
  const value = from[key];
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw badField(join(path, key), 'must be an object', value);
  return value;
}

export function requiredObject(from: JsonObject, key: string, path: string): JsonObject {
  const value = optionalObject(from, key, path);
  if (value === undefined) throw badField(join(path, key), 'is required and must be an object');
  return value;
}

/** An element of an array that must be an object. */
export function objectAt(list: Json[], index: number, path: string): JsonObject {
  const value = list[index];
  if (!isJsonObject(value)) throw badField(join(path, index), 'must be an object', value);
  return value;
}

export function optionalOneOf<T extends string>(
  from: JsonObject,
  key: string,
  path: string,
  allowed: readonly T[],
): T | undefined {
  const value = from[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || !(allowed as readonly string[]).includes(value)) {
    throw badField(join(path, key), `must be one of ${allowed.join(', ')}`, value);
  }
  return value as T;
}
