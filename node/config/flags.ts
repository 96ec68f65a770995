import { nearest } from './complaint.ts';
import { flagsByName, type Flag } from './flag-list.ts';
import { takeGiven, type Given, type GivenFlags } from './given-flags.ts';

/**
 * Reads the flags of a node: `--port 3000`, `--port=3000`, and with one dash (`-port 3000`) as S4's users type them.
 * Unknown flags and stray words are errors.
 */
export function readFlags(args: readonly string[], folder: string): GivenFlags {
  const given: Given[] = [];
  const errors: string[] = [];
  for (let position = 0; position < args.length; position++) {
    const word = parseWord(args[position] ?? '');
    if (word === undefined) {
      errors.push(`${args[position]}: unexpected argument; settings are given as flags (--port 3000)`);
      continue;
    }
    const flag = flagsByName.get(word.name);
    if (flag === undefined) {
      errors.push(unknownFlag(word.name));
      if (word.value === undefined && isValue(args[position + 1])) position++;
      continue;
    }
    const value = valueOf(flag, word, args[position + 1]);
    if (value.isNext) position++;
    if (value.text === undefined) errors.push(`--${flag.name}: missing; needed: a value (--${flag.name} VALUE)`);
    else given.push({ flag, value: value.text, origin: { kind: 'flag', name: `--${flag.name}`, folder } });
  }
  const taken = takeGiven(given);
  taken.errors.push(...errors);
  return taken;
}

interface Word {
  name: string;
  value: string | undefined;
  isNegated: boolean;
}

function parseWord(text: string): Word | undefined {
  const match = /^--?([A-Za-z][A-Za-z0-9-]*)(?:=(.*))?$/s.exec(text);
  const name = match?.[1];
  if (name === undefined) return undefined;
  const bare = name.replace(/^no-/, '');
  const isNegated = bare !== name && flagsByName.get(bare)?.isSwitch === true;
  return { name: isNegated ? bare : name, value: match?.[2], isNegated };
}

function valueOf(flag: Flag, word: Word, next: string | undefined): { text: string | undefined; isNext: boolean } {
  if (word.isNegated) return { text: 'false', isNext: false };
  if (word.value !== undefined) return { text: word.value === '' ? undefined : word.value, isNext: false };
  if (flag.isSwitch === true) {
    const isNext = next === 'true' || next === 'false';
    return { text: isNext ? next : 'true', isNext };
  }
  return isValue(next) ? { text: next, isNext: true } : { text: undefined, isNext: false };
}

/** A word that begins with a dash is a flag, not the value of the one before; `--x=-1` gives such a value. */
function isValue(word: string | undefined): word is string {
  return word !== undefined && word !== '' && !/^--?[A-Za-z]/.test(word);
}

function unknownFlag(name: string): string {
  const guess = nearest(name, flagsByName.keys());
  return `--${name}: unknown flag${guess === undefined ? '; aiproxy --help lists them' : `; did you mean --${guess}?`}`;
}
