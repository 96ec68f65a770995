import { expect, test } from 'vitest';
import { exposeCluster, PropagationTimes } from '../../../node/metrics/cluster-metrics.ts';
import { MetricsRegistry } from '../../../node/metrics/registry.ts';
import { MemoryStore } from '../../cluster/state-mesh/state-mesh.ts';
import { ManualClock } from '../../manual-clock.ts';
import { loneMesh } from '../assembly/mesh/lone-mesh.ts';

test('records that the disk refuses show, for as long as it does', async () => {
  const clock = new ManualClock();
  const disk = new MemoryStore();
  const mesh = loneMesh(clock, disk);
  mesh.begin(() => undefined);
  const registry = new MetricsRegistry({ processMetrics: false });
  exposeCluster(
    registry,
    () => mesh.reading(),
    new PropagationTimes(),
    () => [],
  );
  const unsaved = async () =>
    /^aiproxy_cluster_records_unsaved(?:\{[^}]*\})? (\d+)$/m.exec(await registry.render())?.[1];
  disk.failure = new Error('no space');
  mesh.records.put('accounts', 'a', {});
  clock.advance(1000);
  expect(await unsaved()).toBe('1');
  disk.failure = undefined;
  clock.advance(60_000);
  expect(await unsaved()).toBe('0');
  mesh.halt();
});
