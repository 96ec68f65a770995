import yargs from 'yargs';
import type { Command, CommandOption, OptionValues } from './command.ts';

export const sharedOptions: Readonly<Record<string, CommandOption>> = {
  json: { type: 'boolean', description: 'Print the result as JSON' },
  help: { type: 'boolean', description: 'Print this help' },
};

export interface ParsedOptions {
  values: OptionValues;
  /** Words that are none of the verb's own options, in their order. */
  rest: string[];
}

/** Takes a verb's own options out of the words after it; the rest are the flags of a node, or a mistake. */
export function parseOptions(command: Command, words: readonly string[]): ParsedOptions {
  const argv = yargs([...words])
    .exitProcess(false)
    .help(false)
    .version(false)
    .parserConfiguration({
      'unknown-options-as-args': true,
      'parse-positional-numbers': false,
      'camel-case-expansion': false,
    })
    .options({ ...command.options, ...sharedOptions })
    .parseSync();
  const { _: rest, $0: _name, ...values } = argv;
  return { values, rest: rest.map(String) };
}
