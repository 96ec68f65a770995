/** A further process that belongs to a target: a peer of its mesh, or a node behind it. */
export interface Companion {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** It answers requests too: it shares the target's core and its CPU counts. Others run on the load side's core. */
  readonly isMeasured: boolean;
}

/** How to start one target. Every target serves on one port of loopback, and is one process but for its companions. */
export interface Launch {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What a client sends besides the exchange: a key, a route. */
  readonly headers: Readonly<Record<string, string>>;
  /** `GET` of it answers 200 when the target serves. */
  readonly readyPath: string;
  /** Started before it, and ended after it. */
  readonly companions?: readonly Companion[];
  /**
   * Resolves when all is as it is to be measured: it and its companions have found each other, keys are made. Gives
   * headers that take the place of those above.
   */
  readonly settled?: () => Promise<Readonly<Record<string, string>> | void>;
}

export interface LaunchSite {
  /** Port to listen on, free a moment ago. */
  readonly port: number;
  readonly upstreamPort: number;
  /** An empty folder for configuration and data. */
  readonly folder: string;
  /** Flags for a target that is run by Node, e.g. `--cpu-prof`. */
  readonly nodeFlags: readonly string[];
  /** The product's `cli/main`. */
  readonly program: string;
}

export interface Target {
  readonly name: string;
  /** One line for the report. */
  readonly summary: string;
  /** Whether it turns one protocol into another; one that does not passes bytes on and shows nothing there. */
  readonly translates: boolean;
  /** Whether it takes part without being named. */
  readonly byDefault: boolean;
  /** `work`: only while a work measures it, so that it takes nothing from the others; `run`, the default: all the time. */
  readonly startedBy?: 'run' | 'work';
  /** Why it cannot run on this machine, in words; undefined when it can. */
  readonly missing: () => string | undefined;
  /** Writes what it needs into the folder and gives the command line. */
  readonly prepare: (site: LaunchSite) => Launch | Promise<Launch>;
}
