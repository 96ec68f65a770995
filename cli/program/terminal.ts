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
    onSignal: (signal, listener) => void process.on(signal, listener),
    offSignal: (signal, listener) => void process.off(signal, listener),
  };
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
