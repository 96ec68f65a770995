import type { Terminal, TerminalSignal } from '../../cli/program/terminal.ts';

/** A terminal whose output is kept and whose signals are sent by the test. */
export class RecordedTerminal implements Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  readonly stdout = new RecordedStream();
  readonly stderr = new RecordedStream();
  readonly #listeners = new Map<TerminalSignal, Set<() => void>>();

  constructor(cwd = '/', home = '/', env: Readonly<Record<string, string | undefined>> = {}) {
    this.cwd = cwd;
    this.home = home;
    this.env = env;
  }

  onSignal(signal: TerminalSignal, listener: () => void): void {
    const listeners = this.#listeners.get(signal) ?? new Set();
    this.#listeners.set(signal, listeners.add(listener));
  }

  offSignal(signal: TerminalSignal, listener: () => void): void {
    this.#listeners.get(signal)?.delete(listener);
  }

  send(signal: TerminalSignal): void {
    for (const listener of this.#listeners.get(signal) ?? []) listener();
  }

  get listenerCount(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }
}

export class RecordedStream {
  text = '';
  isTTY = false;

  write(text: string): void {
    this.text += text;
  }

  get lines(): string[] {
    return this.text.split('\n').filter((line) => line !== '');
  }
}
