import { setTimeout as wait } from 'node:timers/promises';
import type { BenchRoom } from '../bench-room.ts';
import { MeshOfNodes, type MeshNode } from '../mesh/mesh-of-nodes.ts';
import type { NodeClient } from '../mesh/node-client.ts';
import { SteadyRequests } from '../mesh/steady-requests.ts';
import { measureTraffic, type TrafficRate } from '../mesh/traffic-reading.ts';
import { residentMegabytesOf } from '../process-facts.ts';
import type { ReportRow, WorkResult } from '../report/contract.ts';
import { spreadOf } from '../statistics.ts';
import { usualSettings } from '../targets/product-node.ts';
import type { Work } from './contract.ts';
import { figure } from './rate.ts';

/** Nodes of each mesh; the largest takes too long for short rounds. */
const sizes = [3, 9, 16];
const shortRoundSeconds = 1;
const quickSizeMax = 9;
/** Requests a second over all senders: none, some, ten times as many. */
const rates = [0, 50, 500];
/** At most so many nodes get requests; the others only listen to what is said of them. */
const sendersMax = 3;
/** A mesh that has just come together still has things to tell. */
const settleMs = 2_000;

/** A window of load is this many rounds long: what an idle node spends in one round is too little to tell. */
const windowRounds = 4;
/**
 * Counters are sampled, so ten times the requests may not cost ten times the bytes. They cost some more: at a low rate
 * not every account has changed in every sample.
 */
const bytesRiseMax = 2;

const columns = [
  'CPU, listener',
  'CPU, sender',
  'CPU, alone',
  'sent, listener',
  'sent, sender',
  'frames, sender',
  'memory',
];

/** What gossip costs each node, by size and by rate of requests. A node alone under the same requests is taken off. */
export const meshGossip: Work = {
  name: 'mesh-gossip',
  summary: 'CPU and bytes of gossip at 3, 9 and 16 nodes, idle and under requests',
  async run(room) {
    const isQuick = room.options.seconds < shortRoundSeconds;
    const rows: ReportRow[] = [];
    for (const size of sizes.filter((size) => !isQuick || size <= quickSizeMax))
      rows.push(...(await ofSize(room, size)));
    return { ...head, rows };
  },
};

const head: Omit<WorkResult, 'rows'> = {
  work: 'mesh-gossip',
  title: 'What gossip costs each node',
  columns,
  notes: [
    `senders get all requests (at most ${sendersMax} nodes, one left out), listeners none; ` +
      'CPU in per cent of a core, of a sender above that of a node alone, mesh off, with as many requests (CPU, alone)',
    'sent: to all others together; medians over the nodes',
  ],
};

async function ofSize(room: BenchRoom, count: number): Promise<ReportRow[]> {
  const { parts } = room;
  const { upstreamPort } = parts.side;
  const settingsOf = ({ port }: { port: number }) => usualSettings({ port, upstreamPort }, false);
  const alone = await MeshOfNodes.start({ parts, count: 1, isMeshOn: false, settingsOf });
  try {
    const mesh = await MeshOfNodes.start({ parts, count, isMeshOn: true, settingsOf });
    try {
      await wait(settleMs);
      const seconds = room.options.seconds * windowRounds;
      const windows: Window[] = [];
      for (const rate of rates) windows.push(await atRate(mesh.nodes, alone.nodes, rate, seconds));
      return windows.map((window, index) => rowOf(count, window, windows[index - 1]));
    } finally {
      await mesh.stop();
    }
  } finally {
    await alone.stop();
  }
}

/** What was read at one rate of requests. */
interface Window {
  readonly perSecond: number;
  readonly senders: readonly TrafficRate[];
  readonly listeners: readonly TrafficRate[];
  readonly alone: TrafficRate;
  /** Resident, of each node. */
  readonly megabytes: readonly number[];
  readonly trouble: string | undefined;
}

async function atRate(
  nodes: readonly MeshNode[],
  alone: readonly MeshNode[],
  perSecond: number,
  seconds: number,
): Promise<Window> {
  const senders = nodes.slice(0, Math.min(sendersMax, nodes.length - 1));
  const loads = [
    new SteadyRequests(clientsOf(senders), perSecond),
    new SteadyRequests(clientsOf(alone), perSecond / senders.length),
  ];
  for (const load of loads) load.start();
  await wait(settleMs);
  const traffic = await measureTraffic([...nodes, ...alone], () => wait(seconds * 1000));
  for (const load of loads) await load.stop();
  const failed = loads.find((load) => load.failed > 0);
  return {
    perSecond,
    senders: traffic.slice(0, senders.length),
    listeners: traffic.slice(senders.length, nodes.length),
    alone: traffic.at(-1) as TrafficRate,
    megabytes: nodes.map(({ pid }) => residentMegabytesOf([pid])),
    trouble: failed === undefined ? undefined : `${failed.failed} requests failed: ${failed.firstFailure}`,
  };
}

function clientsOf(nodes: readonly MeshNode[]): NodeClient[] {
  return nodes.map(({ client }) => client);
}

function rowOf(count: number, window: Window, before: Window | undefined): ReportRow {
  const { perSecond, senders, listeners, alone, megabytes, trouble } = window;
  const bytes = senders.map(({ kilobytesPerSecond }) => kilobytesPerSecond);
  const isRise = before !== undefined && before.perSecond > 0;
  const rise = figure('times', isRise ? [median(bytes) / median(before.senders.map((s) => s.kilobytesPerSecond))] : []);
  const goal = `at most ${bytesRiseMax} × the bytes of ${before?.perSecond}/s`;
  return {
    target: `${count} nodes, ${perSecond === 0 ? 'idle' : `${perSecond}/s`}`,
    figures: {
      'CPU, listener': figure(
        '%',
        listeners.map(({ cpuPercent }) => cpuPercent),
      ),
      'CPU, sender': figure(
        '%',
        senders.map(({ cpuPercent }) => cpuPercent - alone.cpuPercent),
      ),
      'CPU, alone': { value: alone.cpuPercent, unit: '%' },
      'sent, listener': figure(
        'kB/s',
        listeners.map(({ kilobytesPerSecond }) => kilobytesPerSecond),
      ),
      'sent, sender': figure('kB/s', bytes),
      'frames, sender': figure(
        '/s',
        senders.map(({ messagesPerSecond }) => messagesPerSecond),
      ),
      memory: figure('MB', megabytes),
    },
    verdicts: isRise ? [{ goal, reached: rise, isMet: rise.value <= bytesRiseMax }] : [],
    trouble,
  };
}

function median(values: readonly number[]): number {
  return spreadOf(values).median;
}
