import type { Page, PageQuery } from './contract.ts';

/** One page of what there is, ordered by id. Sorting ten thousand takes some milliseconds, and nobody asks often. */
export function pageOf<T extends { readonly id: string }>(all: Iterable<T>, { limit, after }: PageQuery): Page<T> {
  const rest = [...all].filter(({ id }) => after === undefined || id > after);
  rest.sort((one, other) => (one.id < other.id ? -1 : 1));
  const items = rest.slice(0, Math.max(1, limit));
  return { items, next: rest.length > items.length ? items.at(-1)?.id : undefined };
}
