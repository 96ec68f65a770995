import { nodeOptions } from '../admin/node-options.ts';
import type { Command, CommandCall } from '../command.ts';

type Prices = typeof import('../console/prices.ts');

const verb = (name: keyof Prices) => async (call: CommandCall) => (await import('../console/prices.ts'))[name](call);

const price = (what: string) => ({ type: 'number', description: `Price of ${what}` }) as const;

export const priceCommands: readonly Command[] = [
  {
    words: ['prices', 'list'],
    summary: 'List the prices, or all versions of one (aiproxy prices list MODEL)',
    options: nodeOptions,
    takesNodeFlags: true,
    run: verb('listPrices'),
  },
  {
    words: ['prices', 'set'],
    summary: 'Set the price of a model (aiproxy prices set MODEL --prompt 0.15 --completion 0.6)',
    options: {
      ...nodeOptions,
      prompt: price('prompt tokens that came from no cache'),
      completion: price('completion tokens'),
      'cache-read': price('prompt tokens read from the cache of the provider'),
      'cache-write': price('prompt tokens written to it'),
      currency: { type: 'string', description: 'ISO 4217; absent: USD' },
      per: { type: 'number', description: 'Tokens that the prices are for; absent: a million' },
    },
    takesNodeFlags: true,
    run: verb('setPrice'),
  },
  {
    words: ['prices', 'remove'],
    summary: 'Go back to the price that is configured (aiproxy prices remove MODEL), or to none',
    options: nodeOptions,
    takesNodeFlags: true,
    run: verb('removePrice'),
  },
];
