import { field, listOf, numberOf, textOf } from '../admin/json-fields.ts';
import { visibleText } from '../admin/visible-text.ts';
import type { CommandCall } from '../command.ts';
import { shortTime } from './moment-words.ts';
import { onNode } from './on-node.ts';
import { given, numberOption, textOption } from './option-values.ts';
import { printTable } from './print-table.ts';

const head = ['MODEL', 'PROMPT', 'COMPLETION', 'CACHE READ', 'CACHE WRITE', 'CURRENCY', 'PER', 'VERSION', 'CHANGED'];

/** `aiproxy prices list [MODEL]`: those that hold, or all versions of one. */
export function listPrices(call: CommandCall): Promise<number> {
  return onNode(call, ['MODEL?'], async ({ words, client, output }) => {
    const [model] = words;
    const answer = await client.get(model === undefined ? '/prices' : pathOf(model));
    if (output.isJson) return output.json(answer);
    const prices = listOf(field(answer, model === undefined ? 'prices' : 'history'));
    printTable(output, head, prices.map(rowOf), 'no prices; set one with aiproxy prices set MODEL');
  });
}

/** `aiproxy prices set MODEL` */
export function setPrice(call: CommandCall): Promise<number> {
  return onNode(call, ['MODEL'], async ({ words, client, options, output }) => {
    const [model = ''] = words;
    const price = await client.put(
      pathOf(model),
      given({
        prompt: numberOption(options, 'prompt'),
        completion: numberOption(options, 'completion'),
        cache_read: numberOption(options, 'cache-read'),
        cache_write: numberOption(options, 'cache-write'),
        currency: textOption(options, 'currency'),
        per: numberOption(options, 'per'),
      }),
    );
    if (output.isJson) output.json(price);
    else printTable(output, head, [rowOf(price)], '');
  });
}

/** `aiproxy prices remove MODEL` */
export function removePrice(call: CommandCall): Promise<number> {
  return onNode(call, ['MODEL'], async ({ words, client, output }) => {
    const [model = ''] = words;
    await client.delete(pathOf(model));
    if (output.isJson) output.json({ removed: model });
    else output.line(`${visibleText(model)} has the price of the configuration again, or none`);
  });
}

/** Names of models have slashes, which the path takes as they are. */
function pathOf(model: string): string {
  return `/prices/${encodeURIComponent(model)}`;
}

function rowOf(price: unknown): string[] {
  const number = (name: string) => numberOf(field(price, name))?.toString() ?? '';
  return [
    textOf(field(price, 'model')) ?? '',
    number('prompt'),
    number('completion'),
    number('cache_read'),
    number('cache_write'),
    textOf(field(price, 'currency')) ?? '',
    number('per'),
    field(price, 'origin') === 'configuration' ? 'configured' : number('version'),
    shortTime(textOf(field(price, 'changed_at'))),
  ];
}
