import { z } from 'zod';
import type { Page, PageQuery } from '../auth/contract.ts';
import { cursorLengthMax, decodeCursor, encodeCursor } from './cursor.ts';

/** Largest page of users and keys; 500 keys with all their fields are under 1 MB. */
const pageSizeMax = 500;
const pageSize = 100;

export const pageParameters = {
  limit: z.coerce.number().int().min(1).max(pageSizeMax).default(pageSize).describe('entries of a page'),
  cursor: z.string().max(cursorLengthMax).optional().describe('`next_cursor` of the page before'),
};

/** Null where the list ends. */
export const nextCursor = z.string().nullable().describe('given as `cursor`, brings the next page; null: none');

const placeSchema = z.tuple([z.string().min(1).max(256)]);

/** The query of a page for a desk. */
export function pageQueryOf(list: string, query: { limit: number; cursor?: string | undefined }): PageQuery {
  const { limit, cursor } = query;
  return { limit, after: cursor === undefined ? undefined : decodeCursor(list, cursor, placeSchema)[0] };
}

export function nextCursorOf(list: string, page: Page<unknown>): string | null {
  return page.next === undefined ? null : encodeCursor(list, [page.next]);
}
