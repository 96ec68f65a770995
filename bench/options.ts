import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fromRoot } from './targets/programs.ts';

export interface BenchOptions {
  /** Names of works and targets, or undefined for those that take part by default. */
  readonly works: readonly string[] | undefined;
  readonly targets: readonly string[] | undefined;
  readonly portkey: boolean;
  /** Length of one round of load, and how often the targets take turns. */
  readonly seconds: number;
  readonly rounds: number;
  readonly jsonFile: string | undefined;
  readonly htmlFile: string | undefined;
  /** The product's `cli/main`: of the sources, or of a build. */
  readonly program: string;
  /** Target to profile instead of measuring. */
  readonly profile: string | undefined;
}

export const usage = `npm run bench -- [options]

  --quick             short rounds: all of it in under three minutes
  --only WORK,…       these works alone
  --targets TARGET,…  these targets alone (bare-pipe is always there: ratios are taken against it)
  --portkey           fetch Portkey's gateway from npm and measure it too
  --seconds N         length of a round            (3; quick: 0.6)
  --rounds N          rounds for each target       (5; quick: 3)
  --program FILE      the product as built: dist/cli/main.js after npm run build (cli/main.ts)
  --json FILE         results as JSON
  --html FILE         results as one HTML page     (bench/out/report.html)
  --profile [TARGET]  profile a target under the forward and streamed works instead (aiproxy)
  --list              names of works and targets
  --help
`;

const flags = {
  quick: { type: 'boolean', default: false },
  only: { type: 'string' },
  targets: { type: 'string' },
  portkey: { type: 'boolean', default: false },
  seconds: { type: 'string' },
  rounds: { type: 'string' },
  program: { type: 'string' },
  json: { type: 'string' },
  html: { type: 'string' },
  profile: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

export type BenchCommand =
  { readonly kind: 'run'; readonly options: BenchOptions } | { readonly kind: 'help' } | { readonly kind: 'list' };

/** Throws an Error whose message is for the person who typed. */
export function parseOptions(args: readonly string[]): BenchCommand {
  const { values, positionals } = parseArgs({ args: [...args], options: flags, allowPositionals: true });
  if (values.help) return { kind: 'help' };
  if (values.list) return { kind: 'list' };
  if (positionals.length > 0 && !values.profile) throw new Error(`unexpected argument ${positionals[0]}`);
  return {
    kind: 'run',
    options: {
      works: names(values.only),
      targets: names(values.targets),
      portkey: values.portkey,
      seconds: positive('--seconds', values.seconds, values.quick ? 0.6 : 3),
      rounds: Math.ceil(positive('--rounds', values.rounds, values.quick ? 3 : 5)),
      program: resolve(values.program ?? fromRoot('cli/main.ts')),
      jsonFile: values.json,
      htmlFile: values.html,
      profile: values.profile ? (positionals[0] ?? 'aiproxy') : undefined,
    },
  };
}

function names(list: string | undefined): string[] | undefined {
  return list?.split(',').flatMap((name) => name.trim() || []);
}

/** Five minutes a round and a hundred rounds are bounds against a slip of the finger. */
const numberMax = 300;

function positive(flag: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!(value > 0 && value <= numberMax)) throw new Error(`${flag} takes a number above 0, at most ${numberMax}`);
  return value;
}
