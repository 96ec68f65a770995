import type { MemberMesh } from '../../../../cluster/mesh.ts';
import type { ReplicatedRecord } from '../../../../cluster/replicated/contract.ts';
import { soloMesh } from '../../../../cluster/solo.ts';
import { AesSealer } from '../../../../cluster/secret/aes-sealer.ts';
import { timings } from '../../../../cluster/timing.ts';
import type { Clock } from '../../../../kit/clock.ts';
import { silentLog } from '../../../../kit/log.ts';
import { seededRandom } from '../../../../kit/random.ts';
import { MemoryStore } from '../../../cluster/state-mesh/state-mesh.ts';

/** The mesh of a node alone, which keeps its records in `disk`. */
export function loneMesh(clock: Clock, disk = new MemoryStore()): MemberMesh {
  const ignored = { save: (_: unknown, done: () => void) => done() };
  const kept: ReplicatedRecord[] = [...disk.kept.values()];
  return soloMesh({
    clock,
    random: seededRandom(1),
    log: silentLog,
    timing: timings.loopback,
    facts: { nodeId: 'lone', incarnation: 1, address: '127.0.0.1:3000', version: '1.2.3', startedAtMs: clock.nowMs() },
    kept: { votes: undefined, intents: [], quotas: undefined, records: kept },
    stores: { votes: ignored, intents: ignored, quotas: ignored, records: disk },
    sealer: new AesSealer(new Uint8Array(32)),
    onIncarnation: () => undefined,
  });
}
