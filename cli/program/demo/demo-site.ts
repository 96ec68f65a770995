import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../kit/clock.ts';
import { systemRandom } from '../../../kit/random.ts';
import type { Secret } from '../../../kit/secret.ts';
import { start, type Upstream } from '../../../test/upstream/upstream.ts';
import { withApiKey } from '../../../node/config/api-key.ts';
import { loadConfiguration } from '../../../node/config/load.ts';
import type { Terminal } from '../terminal.ts';
import { accountsAt } from './demo-accounts.ts';
import { DemoMember } from './demo-member.ts';
import { findProgram } from './find-program.ts';
import { type Front, startFront } from './nginx-front.ts';
import { type PickedPorts, pickPorts } from './pick-ports.ts';
import { startGuard } from './start-guard.ts';

export interface SitePlan {
  /** Where clients shall come; when it cannot be had, a free one is used. */
  port: number;
  /** Nodes; three or more. */
  count: number;
  /** False: clients come to the first node though nginx may be there. */
  isNginxWanted: boolean;
  terminal: Terminal;
  clock: Clock;
}

/** Everything that the demo runs: the upstream, the nodes, and what stands before them. */
export interface DemoSite {
  upstream: Upstream;
  members: readonly DemoMember[];
  /** Where clients come: nginx, else the first node. */
  url: string;
  hasNginx: boolean;
  isNginxWanted: boolean;
  /** Why there is none, where there should be. */
  nginxComplaint: string | undefined;
  /** The client key, the same for every node. */
  key: string;
  /** The port that was asked for and cannot be had. */
  takenPort: number | undefined;
  clock: Clock;
  /** Starts the nodes, all at once; resolves when all are ready. */
  start(): Promise<void>;
  /** Drains all; nothing is left. */
  close(): Promise<void>;
  /** Ends nodes at once. */
  kill(): void;
  /** Ends those at once that are still starting. */
  killUnready(): void;
}

/** Opens it, without its nodes yet; what was opened before a failure is closed again. */
export async function openSite({ port, count, isNginxWanted, terminal, clock }: SitePlan): Promise<DemoSite> {
  const opened = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'aiproxy-demo-'));
    // The guard's work, unless it was not yet there.
    opened.defer(() => rm(folder, { recursive: true, force: true }));
    const nginx = isNginxWanted ? await findProgram('nginx', terminal.env['PATH']) : undefined;
    const ports = await pickPorts(port, count, nginx !== undefined);
    const front = await openFront(nginx, folder, ports);
    opened.defer(() => front.guard.close());
    const upstream = await start();
    opened.defer(() => upstream.close());
    const { file, key } = await writeSettings(folder, upstream);
    const own = ownTerminal(terminal, folder);
    const members = ports.nodes.map(
      (_, index) =>
        new DemoMember({ index: index + 1, ports: ports.nodes, meshPorts: ports.mesh, file, key, terminal: own }),
    );
    opened.defer(async () => void (await Promise.all(members.map((member) => member.stop()))));
    const hasNginx = nginx !== undefined && front.complaint === undefined;
    const kept = opened.move();
    return {
      upstream,
      members,
      url: hasNginx ? `http://127.0.0.1:${ports.front}` : (members[0]?.url ?? ''),
      hasNginx,
      isNginxWanted,
      nginxComplaint: front.complaint,
      key: key.reveal(),
      takenPort: port !== 0 && ports.front !== port ? port : undefined,
      clock,
      start: async () => void (await Promise.all(members.map((member) => member.start()))),
      close: () => kept.disposeAsync(),
      kill: () => members.forEach((member) => void member.kill()),
      killUnready: () => members.filter(({ isReady }) => !isReady).forEach((member) => void member.kill()),
    };
  } finally {
    await opened.disposeAsync();
  }
}

async function openFront(program: string | undefined, folder: string, ports: PickedPorts): Promise<Front> {
  if (program === undefined) return { guard: startGuard({ folder }), complaint: undefined };
  const addresses = ports.nodes.map((port) => `127.0.0.1:${port}`);
  return startFront({ program, folder, port: ports.front, addresses });
}

/** The configuration that all nodes share, and their key. */
async function writeSettings(folder: string, upstream: Upstream): Promise<{ file: string; key: Secret }> {
  const file = join(folder, 'aiproxy.yaml');
  const settings = {
    host: '127.0.0.1',
    data_dir: join(folder, 'data'),
    log_level: 'error',
    trusted_proxies: ['127.0.0.1'],
    cache: { enabled: true },
    accounts: accountsAt(upstream),
  };
  // JSON is YAML.
  await writeFile(file, JSON.stringify(settings, undefined, 2));
  const configuration = await loadConfiguration({ args: ['--config', file], env: {}, cwd: folder, home: folder });
  if (!configuration.ok) throw new Error(`the demo's configuration: ${configuration.errors.join('; ')}`);
  const { settings: keyed } = await withApiKey(configuration.settings, systemRandom);
  return { file, key: keyed.api_key };
}

/** Nothing of the user's own environment or home takes part, but what programs need to run. */
function ownTerminal(terminal: Terminal, folder: string): Terminal {
  const needed = ['PATH', 'SystemRoot', 'TMPDIR', 'TEMP', 'TMP'];
  const env: Record<string, string> = { HOME: folder, USERPROFILE: folder };
  // Modules that are kept as compiled halve the time of a start (cli/main.ts).
  const { XDG_CACHE_HOME: cache, HOME: home } = terminal.env;
  if (cache || home) env['XDG_CACHE_HOME'] = cache || join(home ?? '', '.cache');
  for (const name of needed) {
    const value = terminal.env[name];
    if (value !== undefined) env[name] = value;
  }
  return { ...terminal, env, cwd: folder, home: folder };
}
