import type { Terminal } from '../terminal.ts';

export interface End {
  /** Aborted by the first signal, and when nobody reads the output any more (`aiproxy demo | head`). */
  signal: AbortSignal;
  forget(): void;
}

/** `onImpatience` is called at every further signal. */
export function listenForEnd(terminal: Terminal, onImpatience: () => void): End {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  const onSignal = (): void => {
    if (controller.signal.aborted) onImpatience();
    end();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) terminal.onSignal(signal, onSignal);
  // Stays: what is still written after the reader has gone must not end in a stack trace.
  process.stdout.on('error', end);
  return {
    signal: controller.signal,
    forget() {
      for (const signal of signals) terminal.offSignal(signal, onSignal);
    },
  };
}
