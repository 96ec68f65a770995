import { field, listOf, numberOf, textOf } from '../admin/json-fields.ts';
import { visibleText } from '../admin/visible-text.ts';
import type { CommandCall } from '../command.ts';
import type { Output } from '../output.ts';
import { shortTime, timeAgo } from './moment-words.ts';
import { onNode, type NodeCall } from './on-node.ts';
import { queryOf, textOption } from './option-values.ts';
import { printTable } from './print-table.ts';

const counts = [
  'requests',
  'errors',
  'prompt_tokens',
  'completion_tokens',
  'cache_creation_tokens',
  'cache_read_tokens',
] as const;
const heads = ['REQUESTS', 'ERRORS', 'PROMPT', 'COMPLETION', 'CACHE WRITE', 'CACHE READ'];

/** `aiproxy usage` */
export function showUsage(call: CommandCall): Promise<number> {
  return onNode(call, [], async (node) => {
    const { client, options, output } = node;
    if (options['csv'] === true) return printCsv(node);
    const answer = await client.get(`/usage${queryOf(asked(node))}`);
    if (output.isJson) return output.json(answer);
    const beginning = timeAt(answer, 'from');
    const end = timeAt(answer, 'to');
    output.line(output.strong(`${beginning} to ${end}`));
    const rows = listOf(field(answer, 'rows'));
    const group = textOf(field(answer, 'group_by'))?.toUpperCase() ?? 'GROUP';
    const table = rows.length > 1 ? [...rows.map(rowOf), ...totals(rows)] : rows.map(rowOf);
    printTable(output, [group, ...heads, 'COST'], table, 'nothing was used');
    tellMissing(output, listOf(field(answer, 'missing_nodes')).map(String));
  });
}

/** The query by the options of the call. */
function asked({ options }: NodeCall) {
  return {
    group_by: textOption(options, 'by'),
    from: timeAgo(textOption(options, 'from')),
    to: timeAgo(textOption(options, 'to')),
    key: textOption(options, 'key'),
    user: textOption(options, 'user'),
    account: textOption(options, 'account'),
    model: textOption(options, 'model'),
  };
}

/** As the node wrote it: a file for other programs. */
async function printCsv(node: NodeCall): Promise<void> {
  const { text, headers } = await node.client.getText(`/usage${queryOf({ ...asked(node), format: 'csv' })}`);
  node.output.line(text.trimEnd());
  const missing = headers['x-aiproxy-missing-nodes'];
  if (typeof missing === 'string') tellMissing(node.output, missing.split(', '));
}

/** On stderr: a sum without some members is no sum of the cluster. */
export function tellMissing(output: Output, nodes: readonly string[]): void {
  if (nodes.length === 0) return;
  output.error(`without what ${visibleText(nodes.join(', '))} has: no answer came from there`);
}

function rowOf(row: unknown): string[] {
  const numbers = counts.map((name) => String(countAt(row, name)));
  return [textOf(field(row, 'group')) || '(none)', ...numbers, costText(row)];
}

/** One line for each currency, and one for what has no price. */
function totals(rows: readonly unknown[]): string[][] {
  const groups = Map.groupBy(rows, (row) => textOf(field(row, 'currency')) ?? '');
  const name = (currency: string) => (groups.size > 1 ? `total ${currency || 'without a price'}` : 'total');
  return Array.from(groups, ([currency, of]) => {
    const sum = (field: string) => of.reduce<number>((total, row) => total + countAt(row, field), 0);
    const cost = currency === '' ? '' : moneyText(sum('cost'), currency);
    return [name(currency), ...counts.map((field) => String(sum(field))), cost];
  });
}

function timeAt(answer: unknown, name: string): string {
  return shortTime(textOf(field(answer, name)));
}

function countAt(row: unknown, name: string): number {
  return numberOf(field(row, name)) ?? 0;
}

/** `0.0123 USD`; '' where no price is known. */
export function costText(row: unknown): string {
  const [cost, currency] = [numberOf(field(row, 'cost')), textOf(field(row, 'currency'))];
  return cost === undefined || currency === undefined ? '' : moneyText(cost, currency);
}

/** To a millionth: what a token costs is a matter for the JSON. */
function moneyText(cost: number, currency: string): string {
  return `${Number(cost.toFixed(6)).toLocaleString('en-US', { maximumFractionDigits: 6, useGrouping: false })} ${currency}`;
}
