import yargs, { type Argv } from 'yargs';
import { flags } from '../../node/config/flag-list.ts';
import type { Command } from './command.ts';
import { commands } from './commands/registry.ts';
import { sharedOptions } from './parse-options.ts';

/** Lines are no longer than a terminal is wide, nor than reads well. */
const widthMax = 110;

/** Help of the program, or of one verb. */
export function helpText(command: Command | undefined): Promise<string> {
  const parser = newParser();
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

/** The verbs that begin with one word. */
export function groupHelpText(group: string): Promise<string> {
  const parser = newParser();
  for (const { words, summary } of commands) if (words[0] === group) parser.command(words.join(' '), summary);
  parser.usage(`aiproxy ${group} VERB [flags]`);
  parser.epilogue(`aiproxy ${group} VERB --help tells more.`);
  return parser.getHelp();
}

function newParser(): Argv {
  return yargs([]).scriptName('aiproxy').help(false).version(false).exitProcess(false).wrap(widthMax);
}

function addNodeFlags(parser: Argv): Argv {
  for (const flag of flags) {
    const type = flag.isSwitch === true ? 'boolean' : 'string';
    parser.option(flag.name, { type, describe: flag.description, group: 'Flags of a node:' });
  }
  return parser;
}
