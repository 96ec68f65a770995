import type { z } from 'zod';
import { protocolFaults } from '../protocols/faults.ts';

/** Longest cursor that is looked at, characters; ours have under 400. */
export const cursorLengthMax = 1024;

type Place = readonly (string | number)[];

/** Where the next page of a list begins, as text that clients hand back and need not understand. */
export function encodeCursor(list: string, place: Place): string {
  return Buffer.from(JSON.stringify([list, ...place])).toString('base64url');
}

/**
 * The place behind a cursor of this list. Throws `invalid_request` (400, field `cursor`) for what is none: a cursor names
 * a place and gives no right, so it is checked for its shape and not signed.
 */
export function decodeCursor<T extends Place>(list: string, cursor: string, place: z.ZodType<T>): T {
  const [name, ...rest] = listIn(cursor);
  const result = place.safeParse(rest);
  if (name !== list || !result.success) throw badCursor();
  return result.data;
}

function listIn(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch (cause) {
    throw badCursor(cause);
  }
}

function badCursor(cause?: unknown): Error {
  return protocolFaults.invalid_request('cursor: must be a next_cursor of this list', { field: 'cursor', cause });
}
