import { hostname } from 'node:os';
import { isIPv6 } from 'node:net';
import { meshPortDistance, portMax } from '../../../node/config/mesh-port.ts';
import type { Settings } from '../../../node/config/settings.ts';
import type { Plan } from './plan.ts';

/** Far above the ports that people choose for servers, so that the next node of the machine is not in the way. */
const ownPortOffset = 20_000;
/** Of the 64 characters of an id, what is left beside the worker's number. */
const nodeIdLengthMax = 60;
const loopback = '127.0.0.1';

export interface Place {
  settings: Settings;
  /** Of a worker: where it listens beside the shared port. */
  ownAddress: { host: string; port: number } | undefined;
}

export type Placing = { ok: true; place: Place } | { ok: false; errors: string[] };

/**
 * The settings of one node under a supervisor, from those that all share: its id, its ports, and the others as its
 * seeds. The data folder stays the same: nodes keep there apart what is their own, by their id.
 *
 *   worker 1   :3000 with the others   127.0.0.1:23000   mesh 33000
 *   worker 2   :3000 with the others   127.0.0.1:23001   mesh 33001
 *   member 1   :3000                                     mesh 13000
 */
export function place(settings: Settings, plan: Plan): Placing {
  const ports = portsOf(settings, plan);
  const errors = portErrors(ports, settings, plan);
  if (errors.length > 0) return { ok: false, errors };
  return {
    ok: true,
    place: plan.role === 'worker' ? worker(settings, plan, ports) : member(settings, plan, ports),
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
    meshPorts ?? (cluster.port === undefined ? own.map((each) => each + meshPortDistance) : from(cluster.port));
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

function worker(settings: Settings, plan: Plan, ports: Ports): Place {
  const { cluster } = settings;
  const base = cluster.node_id ?? `${hostId()}-${settings.port}`;
  const host = cluster.enabled ? outerHost(settings) : loopback;
  const own = ports.own.map((port) => addressOf(host, port));
  const further = cluster.seed_nodes.filter((seed) => seed !== cluster.node_address);
  const ownAddress = { host: cluster.enabled ? settings.host : loopback, port: ports.own[plan.index - 1] ?? 0 };
  return {
    settings: {
      ...settings,
      cluster: {
        ...cluster,
        enabled: cluster.enabled || plan.count > 1,
        node_id: `${base.slice(0, nodeIdLengthMax)}-${plan.index}`,
        node_address: own[plan.index - 1],
        seed_nodes: [...own, ...further],
        port: ports.mesh[plan.index - 1],
      },
    },
    ownAddress,
  };
}

function member(settings: Settings, plan: Plan, ports: Ports): Place {
  const { cluster, admin, metrics } = settings;
  const addresses = ports.own.map((port) => addressOf(outerHost(settings), port));
  const nodeId = `${cluster.node_id ?? 'node'}${plan.index}`;
  const ownPortFrom = (first: number | undefined) => (first === undefined ? undefined : first + plan.index - 1);
  return {
    settings: {
      ...settings,
      port: ports.own[plan.index - 1] ?? 0,
      admin: { ...admin, port: ownPortFrom(admin.port) },
      metrics: { ...metrics, port: ownPortFrom(metrics.port) },
      cluster: {
        ...cluster,
        enabled: true,
        node_id: nodeId,
        node_address: addresses[plan.index - 1],
        seed_nodes: [...addresses, ...cluster.seed_nodes],
        port: ports.mesh[plan.index - 1],
      },
    },
    ownAddress: undefined,
  };
}

/** The machine's name, as far as it may be part of a node's id; beside the port, as a node alone is called. */
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
