import type { Log } from '../../../kit/log.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal, TerminalSignal } from '../terminal.ts';
import type { RunningNode } from './running-node.ts';

export interface Lifetime {
  node: RunningNode;
  terminal: Terminal;
  log: Log;
  /** Called on SIGHUP; one at a time. */
  reload: () => Promise<void>;
}

/**
 * Keeps a node until it is told to stop: SIGINT or SIGTERM drains it and answers 0, a second one answers 130 or 143 at
 * once. SIGHUP reloads. A node that stops by itself answers 0 when it was asked to leave its mesh; else rejects with
 * the reason.
 */
export async function liveUntilSignal({ node, terminal, log, reload }: Lifetime): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let isStopping = false;
  const onStop = (signal: TerminalSignal, forcedCode: number) => () => {
    if (isStopping) return resolve(forcedCode);
    isStopping = true;
    log.info('stopping: no new requests, streams may finish', { signal });
    node.stop().then(() => resolve(exitCodes.ok), reject);
  };
  const listeners = new Map<TerminalSignal, () => void>([
    ['SIGINT', onStop('SIGINT', exitCodes.interrupted)],
    ['SIGTERM', onStop('SIGTERM', exitCodes.terminated)],
    ['SIGHUP', oneAtATime(reload, log)],
  ]);
  for (const [signal, listener] of listeners) terminal.onSignal(signal, listener);
  void node.ended?.then((reason) => (reason === undefined ? resolve(exitCodes.ok) : reject(reason)));
  try {
    return await promise;
  } finally {
    for (const [signal, listener] of listeners) terminal.offSignal(signal, listener);
  }
}

/** A call during another leads to one more after it, so that the last change of the file is read. */
function oneAtATime(action: () => Promise<void>, log: Log): () => void {
  let isRunning = false;
  let isWanted = false;
  const runAll = async () => {
    while (isWanted) {
      isWanted = false;
      await action();
    }
  };
  return () => {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    runAll()
      .catch((error: unknown) => log.error('settings could not be read again; the old ones stay', { error }))
      .finally(() => {
        isRunning = false;
      });
  };
}
