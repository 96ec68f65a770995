import yargs, { type Argv } from 'yargs';
import { flags } from '../../node/config/flag-list.ts';
import type { Command } from './command.ts';
import { commands } from './commands/registry.ts';
import { sharedOptions } from './parse-options.ts';

/** Lines are no longer than a terminal is wide, nor than reads well. */
const widthMax = 110;

/** Help of the program, or of one verb. */
export function helpText(command: Command | undefined): Promise<string> {
  const parser = yargs([]).scriptName('aiproxy').help(false).version(false).exitProcess(false).wrap(widthMax);
  if (command === undefined) {
    for (const each of commands) parser.command(each.words.join(' '), each.summary);
    parser.usage('aiproxy [verb] [flags]\n\nOne endpoint in front of many accounts at many AI providers.');
    parser.epilogue('aiproxy VERB --help tells more; docs/configuration.md lists every setting.');
    return addNodeFlags(parser).getHelp();
  }
  parser.usage(`aiproxy ${command.words.join(' ')} [flags]\n\n${command.summary}.`);
  parser.options({ ...command.options, ...sharedOptions });
  return (command.takesNodeFlags ? addNodeFlags(parser) : parser).getHelp();
}

function addNodeFlags(parser: Argv): Argv {
  for (const flag of flags) {
    const type = flag.isSwitch === true ? 'boolean' : 'string';
    parser.option(flag.name, { type, describe: flag.description, group: 'Flags of a node:' });
  }
  return parser;
}
