import { describe, expect, it } from 'vitest';
import { linkFaults } from '../../../cluster/links/faults.ts';
import { LittleMesh, type LittleNode } from '../mesh/little-mesh.ts';

const isFull = (nodes: readonly LittleNode[]) =>
  nodes.every(({ post }) => post.reachable().length === nodes.length - 1);

describe('connections of two that nobody else can ask after', () => {
  it.each([1, 2, 3, 4, 5])(
    'that break again and again are made again before the member is declared dead (seed %i)',
    (seed) => {
      const mesh = new LittleMesh(seed);
      const [n1, n2] = mesh.grow(2) as [LittleNode, LittleNode];
      for (let breaks = 0; breaks < 8; breaks++) {
        (breaks % 2 === 0 ? n1 : n2).transport.close(breaks % 2 === 0 ? 'n2' : 'n1', 'a test');
        expect(mesh.until(() => !isFull([n1, n2]))).toBeLessThan(100);
        expect(mesh.until(() => isFull([n1, n2]))).toBeLessThan(mesh.timing.suspicionMinMs);
        mesh.advance(1000);
      }
      expect([...n1.changes, ...n2.changes].filter((change) => change.endsWith('>dead'))).toEqual([]);
    },
  );

  it('are made by the higher one before it declares the lower dead that cannot dial', () => {
    const mesh = new LittleMesh(10);
    const [lower, higher] = mesh.grow(2) as [LittleNode, LittleNode];
    lower.transport.dial = (_address, done) =>
      void mesh.clock.after(100, () => done(linkFaults.seed_unreachable('It cannot dial.')));
    lower.transport.close('n2', 'a test');
    expect(mesh.until(() => !isFull([lower, higher]))).toBeLessThan(100);
    expect(mesh.until(() => isFull([lower, higher]))).toBeLessThan(mesh.timing.suspicionMinMs);
    expect([...lower.changes, ...higher.changes].filter((change) => change.endsWith('>dead'))).toEqual([]);
  });
});

describe('of a member that was killed while no other can confirm it', () => {
  /** How long n1 suspects n3, ms. */
  function suspicionOfKilled(
    wasDialled: boolean,
    kill: (n3: LittleNode) => void,
  ): { mesh: LittleMesh; tookMs: number } {
    const mesh = new LittleMesh(11);
    const [n1, n2, n3] = mesh.grow(3) as [LittleNode, LittleNode, LittleNode];
    if (wasDialled) {
      n1.transport.close('n3', 'a test');
      mesh.until(() => !isFull([n1, n2, n3]));
      mesh.until(() => isFull([n1, n2, n3]));
      mesh.advance(3000);
    }
    n2.clock.isFrozen = true;
    kill(n3);
    mesh.until(() => n1.state('n3') === 'suspect');
    return { mesh, tookMs: mesh.until(() => n1.state('n3') === 'dead') };
  }

  it('the refusal of its host does, where it was found by a dial before', () => {
    const { mesh, tookMs } = suspicionOfKilled(true, (n3) => n3.kill());
    expect(tookMs).toBeLessThan(mesh.timing.suspicionMaxMs);
  });

  it('the refusal says nothing where no dial ever found it: a firewall may refuse', () => {
    const { mesh, tookMs } = suspicionOfKilled(false, (n3) => n3.kill());
    expect(tookMs).toBeGreaterThanOrEqual(mesh.timing.suspicionMaxMs);
  });

  it('the silence of its host says nothing', () => {
    const { mesh, tookMs } = suspicionOfKilled(true, (n3) => {
      n3.clock.isFrozen = true;
      n3.transport.close('n1', 'a test');
    });
    expect(tookMs).toBeGreaterThanOrEqual(mesh.timing.suspicionMaxMs);
  });
});
