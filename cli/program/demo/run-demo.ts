import { systemClock } from '../../../kit/clock.ts';
import { exitCodes } from '../exit-codes.ts';
import { createOutput, type Output } from '../output.ts';
import { systemTerminal, type Terminal } from '../terminal.ts';
import { type DemoSite, openSite } from './demo-site.ts';
import { printSite } from './print-site.ts';
import { printWays } from './print-ways.ts';
import { takeTour } from './take-tour.ts';

export interface DemoOptions {
  /** Where the node shall listen; when it is taken, a free one is used. */
  port: number;
  /** Stop after the tour in place of staying up. */
  isOnce?: boolean;
  output?: Output;
  terminal?: Terminal;
}

/**
 * Starts a scripted upstream and a node in front of it, in this process and in a temporary folder, shows what the node
 * does with requests in every protocol, and stays up for requests by hand until SIGINT or SIGTERM. Asks nothing.
 * Answers the exit code: 0 when every step of the tour went as it should.
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const terminal = options.terminal ?? systemTerminal();
  const output = options.output ?? createOutput(terminal, false);
  const leave = listenForEnd(terminal);
  const site = await openSite(options.port, systemClock);
  try {
    return await show(site, output, leave.signal, options.isOnce === true);
  } finally {
    leave.forget();
    await site.close();
  }
}

async function show(site: DemoSite, output: Output, end: AbortSignal, isOnce: boolean): Promise<number> {
  const told: Output = output.isJson ? { ...output, line: () => undefined } : output;
  printSite(site, told);
  const failed = await takeTour(site, told, end);
  if (end.aborted) return exitCodes.ok;
  if (output.isJson) output.json({ url: site.nodes[0].url, key: site.key, upstream: site.upstream.url, failed });
  printWays(site, told);
  if (!isOnce) {
    told.line(told.dim('Ctrl-C ends the demo.'));
    await aborted(end);
    told.line();
  }
  return failed === 0 ? exitCodes.ok : exitCodes.failure;
}

/** Ends at the first signal, and when nobody reads the output any more (`aiproxy demo | head`). */
function listenForEnd(terminal: Terminal): { signal: AbortSignal; forget(): void } {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) terminal.onSignal(signal, end);
  // Stays: what is still written after the reader has gone must not end in a stack trace.
  process.stdout.on('error', end);
  return {
    signal: controller.signal,
    forget() {
      for (const signal of signals) terminal.offSignal(signal, end);
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  // A pending promise keeps no process alive, the node's listener does.
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
