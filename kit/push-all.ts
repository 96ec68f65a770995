/** Adds items at the end of a list. `push(...items)` makes each of them an argument, which overflows the stack past some 100,000. */
export function pushAll<T>(list: T[], items: Iterable<T>): void {
  for (const item of items) list.push(item);
}
