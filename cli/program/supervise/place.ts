import { hostname } from 'node:os';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { Secret } from '../../../kit/secret.ts';
import type { Settings } from '../../../node/config/settings.ts';
import type { Plan } from './plan.ts';

/** Far above the ports that people choose for servers, so that the next node of the machine is not in the way. */
const ownPortOffset = 20_000;
/** As a node counts its mesh port from its HTTP port. */
const meshPortOffset = 10_000;
const portMax = 65_535;
const loopback = '127.0.0.1';

export interface Place {
  settings: Settings;
  /** Of a worker: where it listens beside the shared port. */
  ownAddress: { host: string; port: number } | undefined;
}

export type Placing = { ok: true; place: Place } | { ok: false; errors: string[] };

/**
 * The settings of one node under a supervisor, from those that all share: its id, ports, folder, and the others as its
 * seeds. `secret` is what nodes of one machine share where the user gave none.
 *
 *   worker 1   :3000 with the others   127.0.0.1:23000   mesh 33000   DATA/workers/1
 *   worker 2   :3000 with the others   127.0.0.1:23001   mesh 33001   DATA/workers/2
 *   member 1   :3000                                     mesh 13000   DATA/nodes/node1
 */
export function place(settings: Settings, plan: Plan, secret: Secret | undefined): Placing {
  const ports = portsOf(settings, plan);
  const errors = portErrors(ports, settings, plan);
  if (errors.length > 0) return { ok: false, errors };
  return {
    ok: true,
    place: plan.role === 'worker' ? worker(settings, plan, ports, secret) : member(settings, plan, ports, secret),
  };
}

interface Ports {
  own: readonly number[];
  mesh: readonly number[];
}

function portsOf({ port, cluster }: Settings, { role, count, ports, meshPorts }: Plan): Ports {
  const from = (first: number) => Array.from({ length: count }, (_, index) => first + index);
  const own = ports ?? from(role === 'worker' ? port + ownPortOffset : port);
  const mesh =
    meshPorts ?? (cluster.port === undefined ? own.map((each) => each + meshPortOffset) : from(cluster.port));
  return { own, mesh };
}

function portErrors({ own, mesh }: Ports, { port }: Settings, { role, ports }: Plan): string[] {
  const flag = role === 'worker' ? '--workers-port' : '--base-port';
  if (ports === undefined && port === 0)
    return [`port: 0 leaves no port to count the nodes' own ones from; needed: the first of them with ${flag}`];
  const highest = Math.max(...own, ...mesh);
  if (highest <= portMax) return [];
  return [
    `the nodes' ports would go up to ${highest}; allowed: up to ${portMax}; give lower ones with ${flag} and --cluster-port`,
  ];
}

function worker(settings: Settings, plan: Plan, ports: Ports, secret: Secret | undefined): Place {
  const { cluster } = settings;
  const base = cluster.node_id ?? hostId();
  const host = cluster.enabled ? outerHost(settings) : loopback;
  const own = ports.own.map((port) => addressOf(host, port));
  const further = cluster.seed_nodes.filter((seed) => seed !== cluster.node_address);
  const ownAddress = { host: cluster.enabled ? settings.host : loopback, port: ports.own[plan.index - 1] ?? 0 };
  return {
    settings: {
      ...settings,
      data_dir: join(settings.data_dir, 'workers', String(plan.index)),
      cluster: {
        ...cluster,
        enabled: cluster.enabled || plan.count > 1,
        node_id: `${base.slice(0, 60)}-${plan.index}`,
        node_address: own[plan.index - 1],
        seed_nodes: [...own, ...further],
        port: ports.mesh[plan.index - 1],
        secret: cluster.secret ?? (areLoopback([...own, ...further]) ? secret : undefined),
      },
    },
    ownAddress,
  };
}

function member(settings: Settings, plan: Plan, ports: Ports, secret: Secret | undefined): Place {
  const { cluster, admin, metrics } = settings;
  const addresses = ports.own.map((port) => addressOf(outerHost(settings), port));
  const nodeId = `${cluster.node_id ?? 'node'}${plan.index}`;
  const ownPortFrom = (first: number | undefined) => (first === undefined ? undefined : first + plan.index - 1);
  return {
    settings: {
      ...settings,
      port: ports.own[plan.index - 1] ?? 0,
      data_dir: join(settings.data_dir, 'nodes', nodeId),
      admin: { ...admin, port: ownPortFrom(admin.port) },
      metrics: { ...metrics, port: ownPortFrom(metrics.port) },
      cluster: {
        ...cluster,
        enabled: true,
        node_id: nodeId,
        node_address: addresses[plan.index - 1],
        seed_nodes: [...addresses, ...cluster.seed_nodes],
        port: ports.mesh[plan.index - 1],
        secret: cluster.secret ?? (areLoopback([...addresses, ...cluster.seed_nodes]) ? secret : undefined),
      },
    },
    ownAddress: undefined,
  };
}

/** The machine's name, as far as it may be a node's id. */
function hostId(): string {
  return (
    hostname()
      .replaceAll(/[^A-Za-z0-9._-]/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '') || 'node'
  );
}

/** The host at which other machines reach this one: that of `node_address`, else the one that it listens on. */
function outerHost({ host, cluster }: Settings): string {
  const given = cluster.node_address?.replace(/:\d+$/, '').replaceAll(/[[\]]/g, '');
  if (given !== undefined) return given;
  return host === '0.0.0.0' || host === '::' ? loopback : host;
}

function addressOf(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

function areLoopback(addresses: readonly string[]): boolean {
  return addresses.every((address) => /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\]):\d+$/.test(address));
}
