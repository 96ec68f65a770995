/** How to start one target. Every target is one process that serves on one port of loopback. */
export interface Launch {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What a client sends besides the exchange: a key, a route. */
  readonly headers: Readonly<Record<string, string>>;
  /** `GET` of it answers 200 when the target serves. */
  readonly readyPath: string;
}

export interface LaunchSite {
  /** Port to listen on, free a moment ago. */
  readonly port: number;
  readonly upstreamPort: number;
  /** An empty folder for configuration and data. */
  readonly folder: string;
  /** Flags for a target that is run by Node, e.g. `--cpu-prof`. */
  readonly nodeFlags: readonly string[];
}

export interface Target {
  readonly name: string;
  /** One line for the report. */
  readonly summary: string;
  /** Whether it turns one protocol into another; one that does not passes bytes on and shows nothing there. */
  readonly translates: boolean;
  /** Whether it takes part without being named. */
  readonly byDefault: boolean;
  /** Why it cannot run on this machine, in words; undefined when it can. */
  readonly missing: () => string | undefined;
  /** Writes what it needs into the folder and gives the command line. */
  readonly prepare: (site: LaunchSite) => Launch | Promise<Launch>;
}
