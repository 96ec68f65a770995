/** Longest name that is reported, and how many: the names end up in one response header. */
const lengthMax = 64;
const countMax = 40;

/**
 * Names of dropped fields as a header can hold them. They are the client's own words, so anything may be in them.
 */
export function droppedNames(names: readonly string[]): string[] {
  return names.slice(0, countMax).map((name) => name.slice(0, lengthMax).replaceAll(/[^\w.$[\]-]/g, '?'));
}
