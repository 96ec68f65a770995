import { distance } from 'fastest-levenshtein';
import type { Command } from './command.ts';
import { commands, defaultCommand } from './commands/registry.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { createOutput } from './output.ts';
import type { ParsedOptions } from './parse-options.ts';
import type { Terminal } from './terminal.ts';

/** Finds the verb, reads its options, runs it. Answers the exit code and never throws. */
export async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const output = createOutput(terminal, args.includes('--json'));
  try {
    const found = findCommand(args);
    if (typeof found === 'string') {
      output.error(found);
      return exitCodes.usage;
    }
    if (found.isHelp) return await printHelp(found, terminal);
    const { values, rest } = await optionsOf(found.command, found.words);
    if (rest.length > 0 && !found.command.takesNodeFlags) {
      output.error(`${rest[0]}: unknown here; aiproxy ${found.command.words.join(' ')} --help lists what is known`);
      return exitCodes.usage;
    }
    return await found.command.run({ options: values, nodeArgs: rest, output, terminal });
  } catch (error) {
    output.error(`aiproxy: ${error instanceof Error ? error.message : String(error)}`);
    if (terminal.env['AIPROXY_LOG_LEVEL'] === 'debug' && error instanceof Error) output.error(error.stack ?? '');
    return exitCodeOf(error);
  }
}

/**
 * A node's flags are read by its configuration: where a verb has no options of its own, or none of them is used, there
 * is nothing to parse, and a start is spared loading the parser (a tenth of its time).
 */
async function optionsOf(command: Command, words: readonly string[]): Promise<ParsedOptions> {
  const options = Object.entries(command.options);
  const own = ['json', ...options.map(([name]) => name)].join('|');
  const isOwn = new RegExp(`^--(?:no-)?(?:${own})(?:=|$)|^--$`);
  const hasDefaults = options.some(([, option]) => option.default !== undefined);
  if (command.takesNodeFlags && !hasDefaults && !words.some((word) => isOwn.test(word)))
    return { values: {}, rest: [...words] };
  const { parseOptions } = await import('./parse-options.ts');
  return parseOptions(command, words);
}

interface FoundCommand {
  /** Undefined only for the help of the whole program. */
  command: Command;
  words: readonly string[];
  isHelp: false;
}

/** Of one verb, of all that begin with the word `group`, or of the whole program. */
interface FoundHelp {
  isHelp: true;
  command: Command | undefined;
  group?: string;
}

type Found = FoundCommand | FoundHelp | string;

/** The verb that the first words name; without one, `start`. A string says what is wrong. */
function findCommand(args: readonly string[]): Found {
  const [first = ''] = args;
  if (first === 'help') return helpOf(args.slice(1));
  if (first === '--version' || first === '-v') return findCommand(['version', ...args.slice(1)]);
  const isVerb = first !== '' && !first.startsWith('-');
  const command = isVerb ? commandOf(args) : defaultCommand;
  if (command === undefined) return isHelpFlag(args[1]) ? helpOf([first]) : unknownVerb(args);
  const words = isVerb ? args.slice(command.words.length) : args;
  const isHelp = words.some(isHelpFlag);
  if (isHelp) return { isHelp, command: isVerb ? command : undefined };
  return { command, words, isHelp };
}

function helpOf(words: readonly string[]): Found {
  const command = commandOf(words);
  const [group] = words;
  if (command !== undefined || group === undefined) return { isHelp: true, command };
  return words.length === 1 && isGroup(group) ? { isHelp: true, command, group } : unknownVerb(words);
}

function isHelpFlag(word: string | undefined): boolean {
  return word === '--help' || word === '-h';
}

/** Whether verbs of two words begin with this one. */
function isGroup(word: string | undefined): boolean {
  return commands.some(({ words }) => words.length > 1 && words[0] === word);
}

function commandOf(words: readonly string[]): Command | undefined {
  return commands.find((command) => command.words.every((word, position) => words[position] === word));
}

function unknownVerb(args: readonly string[]): string {
  const isOfGroup = isGroup(args[0]);
  const typed = args.slice(0, isOfGroup ? 2 : 1).join(' ');
  const candidates = commands.filter(({ words }) => !isOfGroup || (words.length > 1 && words[0] === args[0]));
  const names = candidates.map((command) => command.words.join(' '));
  const nearest = names.toSorted((one, other) => distance(typed, one) - distance(typed, other))[0];
  const isNear = isOfGroup || (nearest !== undefined && distance(typed, nearest) <= 3);
  return `${typed}: unknown verb; ${isNear ? `did you mean aiproxy ${nearest}?` : `known: ${names.join(', ')}`}`;
}

async function printHelp({ command, group }: FoundHelp, terminal: Terminal): Promise<number> {
  const { groupHelpText, helpText } = await import('./help.ts');
  const text = group === undefined ? helpText(command) : groupHelpText(group);
  terminal.stdout.write(`${await text}\n`);
  return exitCodes.ok;
}
