import { cpuSecondsOf } from '../process-facts.ts';
import type { MeshNode } from './mesh-of-nodes.ts';

/** What one node spent in a time. */
export interface TrafficRate {
  /** Of one core, per cent. */
  readonly cpuPercent: number;
  readonly kilobytesPerSecond: number;
  readonly messagesPerSecond: number;
}

/** CPU is read first at the beginning and last at the end: `/metrics` itself costs some, outside of what is counted. */
export async function measureTraffic(
  nodes: readonly MeshNode[],
  during: () => Promise<unknown>,
): Promise<TrafficRate[]> {
  const counters = await Promise.all(nodes.map(readCounters));
  const cpu = nodes.map(({ pid }) => cpuSecondsOf([pid]));
  const beganMs = performance.now();
  await during();
  const seconds = (performance.now() - beganMs) / 1000;
  const cpuAfter = nodes.map(({ pid }) => cpuSecondsOf([pid]));
  const countersAfter = await Promise.all(nodes.map(readCounters));
  return nodes.map((_, index) => {
    const before = counters[index] as Counters;
    const after = countersAfter[index] as Counters;
    const countedSeconds = (after.atMs - before.atMs) / 1000;
    return {
      cpuPercent: (100 * ((cpuAfter[index] ?? 0) - (cpu[index] ?? 0))) / seconds,
      kilobytesPerSecond: (after.bytesSent - before.bytesSent) / 1000 / countedSeconds,
      messagesPerSecond: (after.messagesSent - before.messagesSent) / countedSeconds,
    };
  });
}

interface Counters {
  readonly atMs: number;
  readonly bytesSent: number;
  readonly messagesSent: number;
}

async function readCounters({ client }: MeshNode): Promise<Counters> {
  const text = await client.must('GET', '/metrics');
  return {
    atMs: performance.now(),
    bytesSent: sent(text, 'aiproxy_cluster_bytes_total'),
    messagesSent: sent(text, 'aiproxy_cluster_messages_total'),
  };
}

/** The `sent` direction of a counter in Prometheus' text format. Throws where the node shows none. */
export function sent(text: string, metric: string): number {
  const value = new RegExp(`^${metric}\\{direction="sent"\\} (\\S+)$`, 'm').exec(text)?.[1];
  if (value === undefined) throw new Error(`/metrics has no ${metric}{direction="sent"}`);
  return Number(value);
}
