import { clientHeadersToForward } from '../../wire/hop-by-hop.ts';

/** What a provider may see of a client's headers, and the account's own. Flat lists: name, value, name, value … */
export function transparentHeaders(headers: readonly string[], own: readonly string[]): string[] {
  const replaced = new Set(own.filter((_, position) => position % 2 === 0));
  const passed = clientHeadersToForward(headers);
  const kept: string[] = [];
  for (let position = 0; position < passed.length; position += 2) {
    const name = passed[position] ?? '';
    if (!replaced.has(name)) kept.push(name, passed[position + 1] ?? '');
  }
  return [...kept, ...own];
}
