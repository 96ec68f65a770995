import { expect, test } from 'vitest';
import { silentLog } from '../../../../kit/log.ts';
import { Accounts } from '../../../../node/accounts/directory.ts';
import { breakerPrefix } from '../../../../node/assembly/mesh/keys.ts';
import { NodeMesh } from '../../../../node/assembly/mesh/node-mesh.ts';
import { SharedChanges } from '../../../../node/assembly/mesh/shared-changes.ts';
import { PropagationTimes } from '../../../../node/metrics/cluster-metrics.ts';
import { protocolFaults } from '../../../../node/protocols/faults.ts';
import { ManualClock } from '../../../manual-clock.ts';
import { idleUpstream } from '../../accounts/pool.ts';
import { loneMesh } from './lone-mesh.ts';

test('nothing is left to be done once it has stopped, a verdict of late included', () => {
  const clock = new ManualClock();
  const mesh = loneMesh(clock);
  mesh.begin(() => undefined);
  const accounts = new Accounts({ clock, breaker: { recoveryMs: 10_000 } });
  const nodeMesh = new NodeMesh({
    mesh,
    clock,
    log: silentLog,
    accounts,
    changes: new SharedChanges(mesh.records),
    propagation: new PropagationTimes(),
    observers: [],
    onOwnNetwork: () => undefined,
  });
  nodeMesh.start();
  const account = accounts.add({ definition: { id: 'a', provider: 'openai-custom' }, upstream: idleUpstream });
  const fault = protocolFaults.upstream_error('the upstream failed');
  for (let n = 0; n < 5; n++) account.begin(clock.nowMs(), 'm')?.fail(clock.nowMs(), fault);
  clock.advance(10_000);
  account.begin(clock.nowMs(), 'm')?.succeed(clock.nowMs(), 5);
  expect(mesh.state.get('lone', `${breakerPrefix}a`)).toMatchObject({ open: false });
  mesh.halt();
  nodeMesh.stop();
  expect(clock.pendingCount).toBe(0);
});
