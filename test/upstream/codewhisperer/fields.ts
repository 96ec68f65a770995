import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { Refuse } from './errors.ts';

/** Breaks off with "Improperly formed request."; says here, not to the client, what is wrong. */
export interface Checks {
  readonly refuse: Refuse;
  /** The common breach. */
  improper(complaint: string): never;
}

export function checksFor(refuse: Refuse): Checks {
  return { refuse, improper: (complaint) => refuse('bad-request', complaint) };
}

export function objectAt(value: Json | undefined, path: string, checks: Checks): JsonObject {
  return isJsonObject(value) ? value : checks.improper(`${path}: is no object`);
}

export function listAt(value: Json | undefined, path: string, checks: Checks): Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : checks.improper(`${path}: is no list`);
}

export function textAt(value: Json | undefined, path: string, checks: Checks): string {
  return typeof value === 'string' ? value : checks.improper(`${path}: is no text`);
}

/** Members that the model does not know are refused by name. */
export function onlyKnown(value: JsonObject, known: readonly string[], path: string, checks: Checks): void {
  const odd = Object.keys(value).find((name) => !known.includes(name));
  if (odd !== undefined) checks.improper(`${path}.${odd}: is not known`);
}

/** Null is not the absence of a member. */
export function noNulls(value: JsonObject, path: string, checks: Checks): void {
  const empty = Object.keys(value).find((name) => value[name] === null);
  if (empty !== undefined) checks.improper(`${path}.${empty}: is null`);
}
