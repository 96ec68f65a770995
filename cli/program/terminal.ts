import { homedir } from 'node:os';

export interface TerminalStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

export type TerminalSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** What the program has of the world around it; tests give their own. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  /** Asks a person; absent where none sits at the terminal. */
  ask?(question: string): Promise<string>;
  /** Asks for what nobody may read over a shoulder; absent where nobody sits at the terminal. */
  askHidden?(question: string): Promise<string>;
  /** All of the standard input, up to a bound. */
  readInput?(): Promise<string>;
  onSignal(signal: TerminalSignal, listener: () => void): void;
  offSignal(signal: TerminalSignal, listener: () => void): void;
}

export function systemTerminal(): Terminal {
  return {
    env: process.env,
    cwd: process.cwd(),
    home: homedir(),
    stdout: process.stdout,
    stderr: process.stderr,
    ...(process.stdin.isTTY && process.stdout.isTTY ? { ask } : {}),
    ...(process.stdin.isTTY && process.stderr.isTTY ? { askHidden } : {}),
    readInput,
    onSignal: (signal, listener) => void process.on(signal, listener),
    offSignal: (signal, listener) => void process.off(signal, listener),
  };
}

/** More than any password or key has. */
const inputLengthMax = 65_536;

async function readInput(): Promise<string> {
  let text = '';
  for await (const piece of process.stdin.setEncoding('utf8') as AsyncIterable<string>) {
    text += piece;
    if (text.length > inputLengthMax) throw new Error(`the input has more than ${inputLengthMax} characters`);
  }
  return text;
}

/** The question goes to stderr, so that stdout can be piped; what is typed goes nowhere. */
async function askHidden(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const { Writable } = await import('node:stream');
  const nowhere = new Writable({ write: (_piece, _encoding, done) => done() });
  // Echo ends here; a question before it would let who types at once be read.
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(question);
  const left = new AbortController();
  lines.once('SIGINT', () => {
    lines.close();
    process.kill(process.pid, 'SIGINT');
  });
  lines.once('close', () => left.abort());
  try {
    return await lines.question('', { signal: left.signal });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  // While it asks, the terminal hands Ctrl-C to it and not to the process.
  lines.once('SIGINT', () => {
    lines.close();
    process.kill(process.pid, 'SIGINT');
  });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}
