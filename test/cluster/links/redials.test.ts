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
