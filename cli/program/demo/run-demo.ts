import { systemClock } from '../../../kit/clock.ts';
import { printStatus } from '../cluster/print-status.ts';
import { exitCodes } from '../exit-codes.ts';
import { createOutput, type Output } from '../output.ts';
import { systemTerminal, type Terminal } from '../terminal.ts';
import { type DemoSite, openSite } from './demo-site.ts';
import { keepMembers } from './keep-members.ts';
import { listenForEnd } from './listen-for-end.ts';
import { printSite } from './print-site.ts';
import { printWays } from './print-ways.ts';
import { type StepReport, takeTour } from './take-tour.ts';

export interface DemoOptions {
  /** Where clients shall come; when it is taken, a free one is used. */
  port: number;
  /** Three or more; absent: three. */
  count?: number;
  /** False: clients come to the first node, nginx or not. */
  isNginxWanted?: boolean;
  /** Stop after the tour in place of staying up. */
  isOnce?: boolean;
  output?: Output;
  terminal?: Terminal;
}

/**
 * Starts a scripted upstream, a mesh of nodes that use it, each a process of its own, and nginx in front where it is
 * installed, all in a temporary folder; shows what they do with requests, with a broken account, with a cache, and when
 * one of them is killed; and stays up for requests by hand until SIGINT or SIGTERM. Asks nothing. Answers the exit
 * code: 0 when every step of the tour went as promised.
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const terminal = options.terminal ?? systemTerminal();
  const output = options.output ?? createOutput(terminal, false);
  let site: DemoSite | undefined;
  const leave = listenForEnd(terminal, () => site?.kill());
  try {
    const { port, count = 3, isNginxWanted = true } = options;
    site = await openSite({ port, count, isNginxWanted, terminal, clock: systemClock });
    // Nodes that are still starting are not waited for.
    leave.signal.addEventListener('abort', () => site?.killUnready(), { once: true });
    return await show(site, output, leave.signal, options.isOnce === true);
  } finally {
    await site?.close();
    leave.forget();
  }
}

async function show(site: DemoSite, output: Output, end: AbortSignal, isOnce: boolean): Promise<number> {
  const told: Output = output.isJson ? { ...output, line: () => undefined } : output;
  printSite(site, told);
  const steps = await takeTour(site, told, end);
  if (end.aborted) return exitCodes.ok;
  if (output.isJson) output.json(factsOf(site, steps));
  const failed = steps.filter(({ ok }) => !ok).length;
  const outcome = failed === 0 ? exitCodes.ok : exitCodes.failure;
  const [first] = site.members;
  if (first?.isRunning !== true) return outcome;
  printStatus(await first.status(), told);
  told.line();
  printWays(site, told);
  if (isOnce) return outcome;
  told.line(told.dim('Ctrl-C ends the demo and removes all that it made.'));
  await keepMembers(site, told, end);
  told.line();
  told.line('Draining the nodes.');
  return outcome;
}

function factsOf(site: DemoSite, steps: readonly StepReport[]): unknown {
  return {
    url: site.url,
    nginx: site.hasNginx,
    nodes: site.members.map(({ id, url, pid }) => ({ node_id: id, url, pid })),
    key: site.key,
    upstream: site.upstream.url,
    failed: steps.filter(({ ok }) => !ok).length,
    steps: steps.map(({ tookMs, ...step }) => ({ ...step, took_ms: tookMs })),
  };
}
