import type { NodeId } from '../../../cluster/membership/contract.ts';
import { seededRandom, type Random } from '../../../kit/random.ts';
import type { Timing } from '../../../cluster/timing.ts';
import { SimulatedMesh, type NodeOptions } from './simulated-mesh.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly ids: readonly NodeId[];
  readonly optionsOf: (id: NodeId) => NodeOptions;
  /** Disks may be lost, one at a time. */
  readonly hasWipes?: boolean;
  readonly rounds?: number;
  readonly timing?: Partial<Timing>;
}

/** Misfortune after misfortune, then peace. Answers the mesh for what a test wants to know of it. */
export function throughChaos(
  options: ChaosOptions,
  onRound: (mesh: SimulatedMesh, random: Random) => void = () => undefined,
): SimulatedMesh {
  const random = seededRandom(options.seed * 7919 + 1);
  const mesh = new SimulatedMesh({
    seed: options.seed,
    faults: {
      delayMinMs: 0.2,
      delayMaxMs: [2, 30, 150, 700][random.below(4)]!,
      loss: [0, 0.02, 0.2][random.below(3)]!,
      duplication: 0.05,
    },
    // Seats are lost quickly here, so that a run sees it.
    timing: { leftVoterKeepMs: 1000, deadVoterKeepMs: [600, 3000][random.below(2)]!, doubtMs: 5000, ...options.timing },
  });
  const rates = new Map(options.ids.map((id) => [id, 0.97 + random.next() * 0.06]));
  const start = (id: NodeId) => mesh.start(id, { ...options.optionsOf(id), rate: rates.get(id)! });
  for (const id of options.ids) if (random.next() < 0.8) start(id);
  let wipedMs = 0;
  for (let round = 0; round < (options.rounds ?? 40); round++) {
    misfortune(mesh, random, options.ids, start, () => {
      if (options.hasWipes !== true || mesh.time.nowMs - wipedMs < 20_000) return false;
      wipedMs = mesh.time.nowMs;
      return true;
    });
    onRound(mesh, random);
    mesh.run(50 + random.next() * 2000);
  }
  mesh.heal();
  mesh.failingDisks.clear();
  mesh.faults = { delayMinMs: 0.2, delayMaxMs: 2, loss: 0, duplication: 0 };
  for (const id of options.ids) if (mesh.nodes.get(id)?.isUp !== true) start(id);
  return mesh;
}

function misfortune(
  mesh: SimulatedMesh,
  random: Random,
  ids: readonly NodeId[],
  start: (id: NodeId) => void,
  mayWipe: () => boolean,
): void {
  const id = ids[random.below(ids.length)]!;
  const node = mesh.nodes.get(id);
  const isUp = node?.isUp === true;
  const other = ids[random.below(ids.length)]!;
  switch (random.below(13)) {
    case 0:
    case 1:
      if (isUp) mesh.kill(id);
      else start(id);
      return;
    case 2:
      if (isUp) mesh.leave(id);
      else start(id);
      return;
    case 3:
      if (isUp) {
        mesh.kill(id);
        if (mayWipe()) mesh.wipe(id);
      }
      start(id);
      return;
    case 4: {
      const shuffled = ids.toSorted(() => random.next() - 0.5);
      const size = 1 + random.below(ids.length - 1);
      mesh.split(shuffled.slice(0, size), shuffled.slice(size));
      return;
    }
    case 5:
      mesh.cut.add(`${id}>${other}`);
      mesh.refresh();
      return;
    case 6:
    case 7:
      mesh.heal();
      return;
    case 8: {
      const leader = mesh.leaders()[0];
      if (leader !== undefined) leader.clock.frozenUntilMs = mesh.time.nowMs + 500 + random.next() * 5000;
      return;
    }
    case 9:
      if (isUp) node.election.resign(() => undefined);
      return;
    case 10:
      if (isUp) node.election.removeVoter(other, false, () => undefined);
      return;
    case 11: {
      // The leader is cut off in one direction or both, and everybody else starts anew at once.
      const leader = mesh.leaders()[0];
      if (leader === undefined) return;
      for (const each of ids) {
        if (each === leader.id) continue;
        mesh.cut.add(`${leader.id}>${each}`);
        if (random.next() < 0.5) mesh.cut.add(`${each}>${leader.id}`);
        if (mesh.nodes.get(each)?.isUp === true) mesh.kill(each);
        start(each);
      }
      return;
    }
    default:
      if (mesh.failingDisks.delete(id)) return;
      if (mesh.failingDisks.size < 1) mesh.failingDisks.add(id);
  }
}
