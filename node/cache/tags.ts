/** Tags of one entry, and characters of one: they are kept with every entry. */
export const tagsMax = 16;
export const tagLengthMax = 64;

const none: readonly string[] = [];

/** The tags of `x-aiproxy-cache-tag: a, b`. What is longer or more than allowed is left out. */
export function tagsOf(header: string | readonly string[] | undefined): readonly string[] {
  if (header === undefined) return none;
  const names = (typeof header === 'string' ? header : header.join(',')).split(',').map((name) => name.trim());
  return [...new Set(names)].filter((name) => name !== '' && name.length <= tagLengthMax).slice(0, tagsMax);
}
