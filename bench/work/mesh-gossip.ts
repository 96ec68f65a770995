import { setTimeout as wait } from 'node:timers/promises';
import type { BenchRoom } from '../bench-room.ts';
import { MeshOfNodes, type MeshNode } from '../mesh/mesh-of-nodes.ts';
import type { NodeClient } from '../mesh/node-client.ts';
import { SteadyRequests } from '../mesh/steady-requests.ts';
import { measureTraffic, type TrafficRate } from '../mesh/traffic-reading.ts';
import { residentMegabytesOf } from '../process-facts.ts';
import type { ReportRow, Verdict, WorkResult } from '../report/contract.ts';
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
/** Counters are sampled: ten times the requests cost about as many frames. */
const framesRiseMax = 1.5;
/** At a low rate one account has changed in a sample; at a high one all that serve the model, four here, and no more. */
const bytesRiseMax = 4;

const columns = [
  'CPU, listener',
  'CPU, sender',
  'CPU, alone',
  'sent, listener',
  'sent, sender',
  'frames, sender',
  'answered',
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
  /** By the senders together. */
  readonly answeredPerSecond: number;
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
  const before = { answered: loads[0]?.answered ?? 0, atMs: performance.now() };
  const traffic = await measureTraffic([...nodes, ...alone], () => wait(seconds * 1000));
  const answered = (loads[0]?.answered ?? 0) - before.answered;
  const answeredPerSecond = (answered * 1000) / (performance.now() - before.atMs);
  for (const load of loads) await load.stop();
  const failed = loads.find((load) => load.failed > 0);
  return {
    perSecond,
    senders: traffic.slice(0, senders.length),
    listeners: traffic.slice(senders.length, nodes.length),
    alone: traffic.at(-1) as TrafficRate,
    answeredPerSecond,
    megabytes: nodes.map(({ pid }) => residentMegabytesOf([pid])),
    trouble: failed === undefined ? undefined : `${failed.failed} requests failed: ${failed.firstFailure}`,
  };
}

function clientsOf(nodes: readonly MeshNode[]): NodeClient[] {
  return nodes.map(({ client }) => client);
}

function rowOf(count: number, window: Window, before: Window | undefined): ReportRow {
  const { perSecond, senders, listeners, alone, megabytes, answeredPerSecond, trouble } = window;
  const bytes = senders.map(({ kilobytesPerSecond }) => kilobytesPerSecond);
  const frames = senders.map(({ messagesPerSecond }) => messagesPerSecond);
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
      'frames, sender': figure('/s', frames),
      answered: { value: answeredPerSecond, unit: '/s' },
      memory: figure('MB', megabytes),
    },
    verdicts: before === undefined || before.perSecond === 0 ? [] : rises(before, frames, bytes),
    trouble,
  };
}

/** What a sender sends, against the lower rate before. */
function rises(before: Window, frames: readonly number[], bytes: readonly number[]): Verdict[] {
  const rise = (now: readonly number[], then: readonly number[], most: number, what: string): Verdict => {
    const value = spreadOf(now).median / spreadOf(then).median;
    const goal = `at most ${most} × the ${what} of ${before.perSecond}/s`;
    return { goal, reached: { value, unit: 'times' }, isMet: value <= most };
  };
  const { senders } = before;
  return [
    rise(
      frames,
      senders.map(({ messagesPerSecond }) => messagesPerSecond),
      framesRiseMax,
      'frames',
    ),
    rise(
      bytes,
      senders.map(({ kilobytesPerSecond }) => kilobytesPerSecond),
      bytesRiseMax,
      'bytes',
    ),
  ];
}
