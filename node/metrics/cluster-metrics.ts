import type { MeshReading } from '../../cluster/contract.ts';
import { DurationHistogram } from './duration-histogram.ts';
import { metricNames, type MetricName } from './names.ts';
import type { Labels, MetricsRegistry } from './registry.ts';

/** One hop takes a few milliseconds, anti-entropy after a lost message a second, a healed split longer. */
const boundsMs = Float64Array.from([1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000]);

/** What travels through the mesh and is timed. */
export type PropagatedKind = 'breaker' | 'rest' | 'record';

/** How long changes of other members took to have effect here. */
export class PropagationTimes {
  readonly #byKind = new Map<PropagatedKind, DurationHistogram>();

  record(kind: PropagatedKind, durationMs: number): void {
    let histogram = this.#byKind.get(kind);
    if (histogram === undefined) this.#byKind.set(kind, (histogram = new DurationHistogram(boundsMs)));
    // Clocks of two machines differ a little: what seems to come from the future came at once.
    histogram.observe(Math.max(0, durationMs));
  }

  *series(): Iterable<[Labels, DurationHistogram]> {
    for (const [kind, histogram] of this.#byKind) yield [{ kind }, histogram];
  }
}

/** Refreshes of one account's token by this node. */
export interface RefreshCounts {
  readonly renewedCount: number;
  readonly failedCount: number;
}

/** Shows the mesh on `/metrics`; `read` is asked at each scrape. */
export function exposeCluster(
  registry: MetricsRegistry,
  read: () => MeshReading,
  propagation: PropagationTimes,
  refreshes: () => readonly RefreshCounts[],
): void {
  const show = (metric: MetricName, value: (reading: MeshReading) => number) => {
    registry.readAtScrape(metric, () => [[{}, value(read())]]);
  };
  const showEach = (metric: MetricName, label: string, values: (reading: MeshReading) => Record<string, number>) => {
    registry.readAtScrape(metric, () =>
      Object.entries(values(read())).map(([name, value]): [Labels, number] => [{ [label]: name }, value]),
    );
  };
  showEach(metricNames.clusterMembers, 'state', ({ membersByState }) => ({ ...membersByState }));
  show(metricNames.clusterLeader, ({ isLeader }) => Number(isLeader));
  show(metricNames.clusterTerm, ({ term }) => term);
  showEach(metricNames.clusterElections, 'result', ({ elections, electionsWon }) => ({
    won: electionsWon,
    lost: elections - electionsWon,
  }));
  show(metricNames.clusterConverged, ({ isConverged }) => Number(isConverged));
  showEach(metricNames.clusterMessages, 'direction', (reading) => ({
    sent: reading.framesSent,
    received: reading.framesReceived,
    dropped: reading.framesDropped,
    refused: reading.messagesRefused,
  }));
  showEach(metricNames.clusterBytes, 'direction', ({ bytesSent, bytesReceived }) => ({
    sent: bytesSent,
    received: bytesReceived,
  }));
  show(metricNames.clusterSuspicions, ({ suspicions }) => suspicions);
  show(metricNames.clusterAwareness, ({ awareness }) => awareness);
  show(metricNames.clusterLoopDelay, ({ loopDelayMs }) => loopDelayMs / 1000);
  show(metricNames.clusterRecords, ({ records }) => records);
  show(metricNames.clusterRecordsUnsaved, ({ recordsUnsaved }) => recordsUnsaved);
  registry.readAtScrape(metricNames.clusterRefreshes, () => {
    const counts = refreshes();
    const sum = (count: (each: RefreshCounts) => number) => counts.reduce((total, each) => total + count(each), 0);
    return [
      [{ result: 'success' }, sum(({ renewedCount }) => renewedCount)],
      [{ result: 'error' }, sum(({ failedCount }) => failedCount)],
    ];
  });
  registry.readHistogramsAtScrape(metricNames.clusterPropagation, () => propagation.series());
}
