import { visibleText } from '../admin/visible-text.ts';
import { tableLines } from '../cluster/table-lines.ts';
import type { Output } from '../output.ts';

/** A table with its head; `none` where it has no rows. Cells are text of others and shown as such. */
export function printTable(
  output: Output,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  none: string,
): void {
  if (rows.length === 0) {
    output.line(none);
    return;
  }
  const [first = '', ...lines] = tableLines([head, ...rows.map((row) => row.map(visibleText))]);
  output.line(output.dim(first));
  for (const line of lines) output.line(line);
}
