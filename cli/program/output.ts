import type { Terminal } from './terminal.ts';

/** What verbs print with: results to stdout, complaints to stderr, so that results can be piped. */
export interface Output {
  /** Set by `--json`: results are one JSON value, and nothing else is on stdout. */
  readonly isJson: boolean;
  line(text?: string): void;
  json(value: unknown): void;
  error(text: string): void;
  /** What is under way, at a terminal only; the next line takes its place and must not be shorter. */
  pending(text: string): void;
  strong(text: string): string;
  dim(text: string): string;
  /** As promised, and not: green and red. */
  good(text: string): string;
  bad(text: string): string;
}

/** Colour only at a terminal, and never with NO_COLOR (https://no-color.org). */
export function createOutput(terminal: Terminal, isJson: boolean): Output {
  const isPlain = terminal.stdout.isTTY !== true || (terminal.env['NO_COLOR'] ?? '') !== '';
  const styled = (code: number) => (text: string) => (isPlain ? text : `\u001B[${code}m${text}\u001B[0m`);
  return {
    isJson,
    line: (text = '') => void terminal.stdout.write(`${text}\n`),
    json: (value) => void terminal.stdout.write(`${JSON.stringify(value)}\n`),
    error: (text) => void terminal.stderr.write(`${text}\n`),
    pending: (text) => void (isPlain || isJson || terminal.stdout.write(`${text}\r`)),
    strong: styled(1),
    dim: styled(2),
    good: styled(32),
    bad: styled(31),
  };
}
