import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { refuse, refuseUnknown } from './errors.ts';

/** An object with none but these members. */
export function objectOf(value: Json | undefined, path: string, members: readonly string[]): JsonObject {
  if (!isJsonObject(value)) return refuse(`Invalid value at '${path}': expected an object.`);
  for (const name of Object.keys(value)) if (!members.includes(name)) refuseUnknown(name, path);
  return value;
}

/** A list; an absent one is empty. */
export function listOf(value: Json | undefined, path: string): Json[] {
  if (value === undefined) return [];
  return Array.isArray(value)
    ? value
    : refuse(`Invalid value at '${path}': Proto field is repeating, but got another.`);
}

export function textOf(value: Json | undefined, path: string): string {
  return typeof value === 'string' ? value : refuse(`Invalid value at '${path}' (TYPE_STRING).`);
}

/** A number within bounds, whole where asked; an absent one passes. */
export function checkNumber(
  value: Json | undefined,
  path: string,
  [min, max]: readonly [number, number],
  isWhole = false,
): void {
  if (value === undefined) return;
  const isGood = typeof value === 'number' && value >= min && value <= max && (!isWhole || Number.isInteger(value));
  if (!isGood) refuse(`Invalid value at '${path}': ${JSON.stringify(value)} is out of the supported range.`);
}
