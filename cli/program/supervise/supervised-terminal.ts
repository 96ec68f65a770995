import type { Terminal, TerminalSignal } from '../terminal.ts';
import { type FromNode, isStop } from './messages.ts';

/** A node's end of the channel to its supervisor. */
export interface Channel {
  send(message: FromNode): void;
  /** Calls `listener` once, when the supervisor says stop; at once when it has said so. */
  onStop(listener: () => void): void;
  /** Lets the process end while the channel is open. */
  release(): void;
}

/** The channel of this process. Losing it, which is losing the supervisor, ends the process: none may be left alone. */
export function openChannel(): Channel {
  const stopped = Promise.withResolvers<void>();
  process.on('message', (message) => {
    if (isStop(message)) stopped.resolve();
  });
  process.on('disconnect', () => process.exit(1));
  return {
    send: (message) => {
      if (process.connected) process.send?.(message);
    },
    onStop: (listener) => void stopped.promise.then(listener),
    release: () => process.channel?.unref(),
  };
}

/**
 * A terminal whose signals come from the supervisor. A Ctrl-C reaches every process at the terminal, and a service
 * manager may signal all of them: the supervisor is the one that acts, so a node stops when it says so or, once, for a
 * SIGTERM of its own; SIGINT and SIGHUP are none of its business.
 */
export function supervisedTerminal(terminal: Terminal, channel: Channel): Terminal {
  for (const signal of ['SIGINT', 'SIGHUP'] as const) terminal.onSignal(signal, () => undefined);
  return {
    ...terminal,
    onSignal(signal: TerminalSignal, listener: () => void) {
      if (signal !== 'SIGTERM') return;
      let isCalled = false;
      const once = () => {
        if (isCalled) return;
        isCalled = true;
        listener();
      };
      terminal.onSignal('SIGTERM', once);
      channel.onStop(once);
    },
    offSignal: () => undefined,
  };
}
