import { systemClock } from '../../../kit/clock.ts';
import type { LogOptions } from '../../../kit/log.ts';
import type { Settings } from '../../../node/config/settings.ts';
import type { RunningNode } from '../start/running-node.ts';
import type { Terminal } from '../terminal.ts';
import { place, type Place, type Placing } from './place.ts';
import { type Plan, readPlan } from './plan.ts';
import { openChannel, supervisedTerminal } from './supervised-terminal.ts';
import { untilReady } from './until-ready.ts';

/** What `start` does differently in a process that a supervisor started. */
export interface SupervisedStart {
  readonly plan: Plan;
  readonly terminal: Terminal;
  /** A supervisor writes all logs to its own terminal, so the nodes write for whoever reads that one. */
  readonly logFormat: LogOptions['format'];
  place(settings: Settings): Placing;
  /** Tells the supervisor where the node listens, and later that it is ready. */
  announce(node: RunningNode, started: Announced): void;
  announceAdmin(username: string, password: string): void;
  release(): void;
}

export interface Announced {
  place: Place;
  /** Folder that the nodes share. */
  dataDir: string;
  /** Only at the start that made it. */
  apiKey: string | undefined;
}

/** Undefined where nobody supervises. */
export function superviseeOf(terminal: Terminal): SupervisedStart | undefined {
  const plan = process.send === undefined ? undefined : readPlan(terminal.env);
  if (plan === undefined) return undefined;
  const channel = openChannel();
  return {
    plan,
    terminal: supervisedTerminal(terminal, channel),
    logFormat: plan.isTerminal ? 'plain' : 'json',
    place: (settings) => place(settings, plan),
    announce(node, { place: { settings, ownAddress }, dataDir, apiKey }) {
      const accounts = settings.accounts.map(({ id, provider, enabled }) => ({ id, provider, enabled }));
      const ownUrl = ownAddress === undefined ? node.url : `http://${settings.cluster.node_address ?? ''}`;
      const nodeId = settings.cluster.node_id ?? '';
      channel.send({ aiproxy: 'listening', facts: { url: node.url, ownUrl, nodeId, accounts, dataDir, apiKey } });
      void untilReady(ownUrl, systemClock).then(() => channel.send({ aiproxy: 'ready' }));
    },
    announceAdmin: (username, password) => channel.send({ aiproxy: 'admin', admin: { username, password } }),
    release: () => channel.release(),
  };
}
