import type { AdminClient } from '../admin/admin-client.ts';
import { field, listOf, textOf } from '../admin/json-fields.ts';
import { queryOf } from './option-values.ts';

/** Largest page of users and keys that a node gives. */
const pageSize = 500;
/** More than a mesh holds. */
const pagesMax = 200;

/** All entries of a list, page after page. `name` is where the answer has them. */
export async function listAll(
  client: AdminClient,
  path: string,
  name: string,
  query: Readonly<Record<string, string | undefined>> = {},
): Promise<unknown[]> {
  const all: unknown[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pagesMax; page++) {
    const answer = await client.get(`${path}${queryOf({ ...query, limit: pageSize, cursor })}`);
    all.push(...listOf(field(answer, name)));
    cursor = textOf(field(answer, 'next_cursor'));
    if (cursor === undefined) break;
  }
  return all;
}
