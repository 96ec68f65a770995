import type { Log } from '../../../kit/log.ts';
import type { Secret } from '../../../kit/secret.ts';
import type { Settings } from '../../../node/config/settings.ts';

/** A node as the command line sees it. */
export interface RunningNode {
  /** `http://127.0.0.1:3000`, with the port that it took. */
  readonly url: string;
  /** Requests of clients that are under way. */
  readonly inFlight: number;
  /** Takes settings that were read again; absent where the node cannot. */
  reload?(settings: Settings): void | Promise<void>;
  /** Drains and stops. */
  stop(): Promise<void>;
  /** Resolves when it has stopped by itself, with the reason where it had to; absent where it cannot. */
  readonly ended?: Promise<Error | undefined>;
}

export interface NodeEnvironment {
  log: Log;
  /** Of a worker: an address that it shares with no other. */
  ownAddress?: { host: string; port: number } | undefined;
  /** The file that the settings were read from. */
  configFile?: string | undefined;
  /** Told once when the first start made an admin with a password of its own making. */
  onAdminMade?: ((made: MadeAdmin) => void) | undefined;
}

export interface MadeAdmin {
  readonly username: string;
  readonly password: Secret;
}

export type StartNode = (settings: Settings, environment: NodeEnvironment) => Promise<RunningNode>;

/** Loads the node only when one is to be run: help and settings need none of it. */
export async function loadStartNode(): Promise<StartNode> {
  const { startNode } = await import('../../../node/main.ts');
  return startNode;
}
