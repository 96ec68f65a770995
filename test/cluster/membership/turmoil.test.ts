import { expect, it } from 'vitest';
import { seededRandom } from '../../../kit/random.ts';
import { LittleMesh } from '../mesh/little-mesh.ts';

const ids = ['n1', 'n2', 'n3', 'n4', 'n5'];

/** Kills and restarts (with the disk or without), freezes, one-way cuts, splits and loss, in a random order. */
function stir(mesh: LittleMesh, seed: number): void {
  const random = seededRandom(seed);
  const any = () => ids[random.below(ids.length)] ?? 'n1';
  for (let step = 0; step < 40; step++) {
    const id = any();
    const node = mesh.node(id);
    const choice = random.below(7);
    if (choice === 0) {
      node.kill();
      mesh.advance(random.below(5000));
      const isFresh = random.below(3) === 0;
      const peer = isFresh ? `${id}-${step}` : node.transport.self;
      const incarnation = isFresh ? undefined : node.membership.self.incarnation + 1;
      mesh.add(id, { peer, seeds: ['n1:1', 'n2:1'], ...(incarnation === undefined ? {} : { incarnation }) });
    } else if (choice === 1) node.freeze();
    else if (choice === 2) node.thaw();
    else if (choice === 3) mesh.wire.cuts.add(`${node.transport.self}>${mesh.node(any()).transport.self}`);
    else if (choice === 4) mesh.wire.cuts.clear();
    else if (choice === 5) mesh.wire.lossShare = random.next() * 0.4;
    else node.transport.close(mesh.node(any()).transport.self, 'a test');
    mesh.advance(random.below(4000));
  }
  mesh.wire.cuts.clear();
  mesh.wire.lossShare = 0;
  for (const id of ids) mesh.node(id).thaw();
}

it.each(Array.from({ length: 25 }, (_, index) => index + 1))(
  'after any turmoil all are one mesh again, and nobody stopped over its name (seed %i)',
  (seed) => {
    const mesh = new LittleMesh(seed);
    for (const id of ids) mesh.add(id, { seeds: ['n1:1', 'n2:1'] });
    mesh.advance(3000);
    stir(mesh, seed);
    const nodes = () => ids.map((id) => mesh.node(id));
    const isWhole = () =>
      nodes().every(
        ({ membership, post }) =>
          membership.live.length === ids.length &&
          membership.live.every(
            ({ state, nodeId, peer }) => state === 'alive' && peer === mesh.node(nodeId).transport.self,
          ) &&
          post.reachable().length === ids.length - 1,
      );
    expect(mesh.until(isWhole, 120_000)).toBeLessThanOrEqual(60_000);
    mesh.advance(35_000);
    expect(isWhole()).toBe(true);
    expect(nodes().flatMap(({ fatal }) => fatal)).toEqual([]);
    expect(nodes().map(({ membership }) => membership.all.length)).toEqual(ids.map(() => ids.length));
    expect(nodes().flatMap(({ log }) => log.lines.filter(({ level }) => level === 'error'))).toEqual([]);
  },
);
