import { expect, test } from 'vitest';
import { MemberMesh } from '../../../cluster/mesh.ts';
import { AesSealer } from '../../../cluster/secret/aes-sealer.ts';
import { SilentPost } from '../../../cluster/silent-post.ts';
import { timings } from '../../../cluster/timing.ts';
import { silentLog } from '../../../kit/log.ts';
import { seededRandom } from '../../../kit/random.ts';
import { ManualClock } from '../../manual-clock.ts';
import { MemoryStore } from '../state-mesh/state-mesh.ts';

test('a node that has not joined has not converged with anybody', () => {
  const keeper = { isJoined: false, obstacle: 'another secret', start: () => undefined, stop: () => undefined };
  const ignored = { save: (_: unknown, done: () => void) => done() };
  const clock = new ManualClock();
  const address = '127.0.0.1:3000';
  const mesh = new MemberMesh({
    clock,
    random: seededRandom(1),
    log: silentLog,
    timing: timings.loopback,
    facts: { nodeId: 'n1', peer: 'p1', meshAddresses: [], incarnation: 1, address, version: '1', startedAtMs: 0 },
    connection: {
      post: new SilentPost('n1'),
      traffic: { framesSent: 0, framesReceived: 0, bytesSent: 0, bytesReceived: 0, framesDropped: 0 },
      refused: () => 0,
      link: () => keeper,
      card: () => undefined,
      close: () => Promise.resolve(),
    },
    election: { policy: 'majority', voters: [], founding: [address, '127.0.0.1:3001'] },
    kept: { votes: undefined, intents: [], quotas: undefined, records: [] },
    stores: { votes: ignored, intents: ignored, quotas: ignored, records: new MemoryStore() },
    sealer: new AesSealer(new Uint8Array(32)),
    onIncarnation: () => undefined,
  });
  expect(mesh.isConverged()).toBe(false);
  mesh.begin(() => undefined);
  expect([mesh.isConverged(), mesh.reading().isConverged]).toEqual([false, false]);
  keeper.isJoined = true;
  expect([mesh.isConverged(), mesh.reading().isConverged]).toEqual([true, true]);
  mesh.halt();
});
