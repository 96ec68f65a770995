import type { Output } from './output.ts';
import type { Terminal } from './terminal.ts';

export interface CommandOption {
  readonly type: 'boolean' | 'string' | 'number';
  readonly description: string;
  readonly default?: boolean | string | number;
  /** A letter that means the same: `n` is `-n`. */
  readonly alias?: string;
}

export type OptionValues = Readonly<Record<string, unknown>>;

/** One use of a verb. */
export interface CommandCall {
  /** Values of the verb's own options. */
  readonly options: OptionValues;
  /** Flags of a node, unread; empty for verbs that take none. */
  readonly nodeArgs: readonly string[];
  readonly output: Output;
  readonly terminal: Terminal;
}

/** A verb. One file under `commands/` and one line in its registry. */
export interface Command {
  /** `['config', 'show']` is `aiproxy config show`. */
  readonly words: readonly string[];
  readonly summary: string;
  /** Beside `--json` and `--help`, which every verb has. */
  readonly options: Readonly<Record<string, CommandOption>>;
  /** Whether the flags of a node may follow. */
  readonly takesNodeFlags: boolean;
  /** Answers the exit code. What it throws is printed as one line. */
  run(call: CommandCall): Promise<number>;
}
