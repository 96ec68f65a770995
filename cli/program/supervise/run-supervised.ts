import { systemClock } from '../../../kit/clock.ts';
import { createLog } from '../../../kit/log.ts';
import { systemRandom } from '../../../kit/random.ts';
import { version } from '../../../node/version.ts';
import type { CommandCall } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal, TerminalSignal } from '../terminal.ts';
import { complaintsAbout } from './check-settings.ts';
import type { Plan } from './plan.ts';
import { printAdmin } from '../start/banner.ts';
import { printNodes } from './print-nodes.ts';
import { spawnMember, spawnWorker } from './spawn-node.ts';
import { Supervisor } from './supervisor.ts';

export type SharedPlan = Omit<Plan, 'index' | 'isTerminal'>;

/**
 * Runs nodes under a supervisor until a signal ends them: SIGINT or SIGTERM drains all and answers 0, a second one ends
 * them at once; SIGHUP replaces them one by one.
 */
export async function runSupervised(call: CommandCall, shared: SharedPlan): Promise<number> {
  const { nodeArgs: args, terminal, output } = call;
  const isTerminal = terminal.stderr.isTTY === true;
  const log = createLog({ level: 'info', destination: terminal.stderr, format: isTerminal ? 'plain' : 'json' });
  const nameOf = (index: number) => (shared.role === 'worker' ? String(index) : `node${index}`);
  const spawn = shared.role === 'worker' ? spawnWorker : spawnMember;
  const banner = Promise.withResolvers<void>();
  const supervisor = new Supervisor({
    count: shared.count,
    clock: systemClock,
    random: systemRandom,
    log,
    spawn: (index) => spawn({ args, terminal, plan: { ...shared, index, isTerminal }, name: nameOf(index) }),
    nameOf,
    onAdmin: ({ username, password }) => void banner.promise.then(() => printAdmin(username, password, output)),
    complaints: () => complaintsAbout(args, terminal),
  });
  const forget = followSignals(supervisor, terminal);
  try {
    void supervisor
      .start()
      .then((nodes) => printNodes({ nodes, pids: supervisor.pids, role: shared.role, version }, output))
      .then(banner.resolve);
    return await supervisor.outcome;
  } finally {
    forget();
  }
}

function followSignals(supervisor: Supervisor, terminal: Terminal): () => void {
  let isStopping = false;
  const onStop = (forcedCode: number) => () => {
    if (isStopping) supervisor.kill(forcedCode);
    else supervisor.stop();
    isStopping = true;
  };
  const listeners = new Map<TerminalSignal, () => void>([
    ['SIGINT', onStop(exitCodes.interrupted)],
    ['SIGTERM', onStop(exitCodes.terminated)],
    ['SIGHUP', () => void supervisor.roll()],
  ]);
  for (const [signal, listener] of listeners) terminal.onSignal(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) terminal.offSignal(signal, listener);
  };
}
