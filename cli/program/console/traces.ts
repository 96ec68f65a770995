import { adminFaults } from '../admin/faults.ts';
import { entriesOf, field, listOf, numberOf, textOf } from '../admin/json-fields.ts';
import { visibleText } from '../admin/visible-text.ts';
import type { CommandCall } from '../command.ts';
import { shortTime, timeAgo } from './moment-words.ts';
import { onNode, type NodeCall } from './on-node.ts';
import { numberOption, queryOf, textOption } from './option-values.ts';
import { printTable } from './print-table.ts';
import { costText, tellMissing } from './usage.ts';

/** Largest page that a node gives, and how many are asked for at most. */
const pageSizeMax = 1_000;
const tracesMax = 100_000;

const head = ['STARTED', 'STATUS', 'MODEL', 'KEY', 'ACCOUNT', 'TOKENS IN', 'OUT', 'COST', 'TOOK', 'REQUEST'];

/** `aiproxy traces`: the latest requests, or one of them with all that is known. */
export function showTraces(call: CommandCall): Promise<number> {
  return onNode(call, ['REQUEST-ID?'], async (node) => {
    const [id] = node.words;
    if (id === undefined) await list(node);
    else await show(node, id);
  });
}

async function list(node: NodeCall): Promise<void> {
  const { options, output } = node;
  const limit = numberOption(options, 'limit') ?? 50;
  if (!Number.isInteger(limit) || limit < 1 || limit > tracesMax)
    throw adminFaults.bad_argument(`--limit: must be a whole number from 1 to ${tracesMax}`);
  const { traces, missing } = await collect(node, limit);
  if (output.isJson) return output.json({ traces, missing_nodes: missing });
  printTable(output, head, traces.map(rowOf), 'no requests');
  tellMissing(output, missing);
}

/** Page after page until there are so many. */
async function collect({ client, options }: NodeCall, limit: number) {
  const filter = {
    key: textOption(options, 'key'),
    user: textOption(options, 'user'),
    account: textOption(options, 'account'),
    model: textOption(options, 'model'),
    status: textOption(options, 'status'),
    from: timeAgo(textOption(options, 'from')),
    to: timeAgo(textOption(options, 'to')),
  };
  const traces: unknown[] = [];
  const missing = new Set<string>();
  let cursor: string | undefined;
  do {
    const size = Math.min(pageSizeMax, limit - traces.length);
    const answer = await client.get(`/traces${queryOf({ ...filter, limit: size, cursor })}`);
    traces.push(...listOf(field(answer, 'traces')));
    for (const name of listOf(field(answer, 'missing_nodes'))) missing.add(String(name));
    cursor = textOf(field(answer, 'next_cursor'));
  } while (cursor !== undefined && traces.length < limit);
  return { traces, missing: [...missing] };
}

async function show({ client, output }: NodeCall, id: string): Promise<void> {
  const trace = await client.get(`/traces/${encodeURIComponent(id)}`);
  if (output.isJson) return output.json(trace);
  const known = entriesOf(trace).filter(([name, value]) => value !== null && name !== 'prompt' && name !== 'answer');
  const width = Math.max(...known.map(([name]) => name.length));
  for (const [name, value] of known) output.line(`${output.dim(name.padEnd(width))}  ${visibleText(String(value))}`);
  for (const name of ['prompt', 'answer']) {
    const text = textOf(field(trace, name));
    if (text === undefined) continue;
    output.line();
    output.line(output.dim(name));
    for (const line of text.split('\n')) output.line(visibleText(line));
  }
}

function rowOf(trace: unknown): string[] {
  const text = (name: string) => textOf(field(trace, name)) ?? '';
  const number = (name: string) => numberOf(field(trace, name)) ?? 0;
  const tokensIn = number('prompt_tokens') + number('cache_creation_tokens') + number('cache_read_tokens');
  const mark = field(trace, 'usage_estimated') === true ? '~' : '';
  return [
    shortTime(text('started_at')),
    [String(number('status')), text('error_code')].filter((word) => word !== '').join(' '),
    text('model_served') || text('model_requested'),
    text('key'),
    text('account'),
    `${mark}${tokensIn}`,
    `${mark}${number('completion_tokens')}`,
    costText(trace),
    `${Math.round(number('duration_ms'))} ms`,
    text('request_id'),
  ];
}
