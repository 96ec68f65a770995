import { describe, expect, it } from 'vitest';
import { SimulatedMesh } from './simulated-mesh.ts';

const three = ['n1', 'n2', 'n3'];

describe('founding', () => {
  it('makes a node without seeds the leader of a cluster of one, with no timer ticking', () => {
    const mesh = new SimulatedMesh({ seed: 1 });
    const node = mesh.start('n1');
    mesh.run(50);
    expect(node.election.leader).toBe('n1');
    expect(node.election.isSelf).toBe(true);
    expect(node.election.term).toBe(1);
    expect(node.election.config?.voters).toEqual(['n1']);
    expect(node.clock.pendingCount).toBe(0);
    mesh.run(60_000);
    expect(node.election.isSelf).toBe(true);
    expect(mesh.violations).toEqual([]);
  });

  it('adds a node that names the founder as its seed', () => {
    const mesh = new SimulatedMesh({ seed: 2 });
    const first = mesh.start('n1');
    mesh.run(1000);
    const second = mesh.start('n2', { founding: ['n1', 'n2'] });
    mesh.runUntil(() => second.election.config?.voters.length === 2, 2000);
    expect(second.election.leader).toBe('n1');
    expect(first.election.config).toEqual(second.election.config);
    expect(mesh.violations).toEqual([]);
  });

  it('takes all three where each names all three', () => {
    const mesh = new SimulatedMesh({ seed: 3 });
    for (const id of three) mesh.start(id, { founding: three });
    const tookMs = mesh.runUntil(() => mesh.leaders().length === 1, 5000);
    console.log('founded in', tookMs);
    mesh.run(3000);
    expect(mesh.up().map(({ election }) => election.config?.voters)).toEqual([three, three, three]);
    expect(mesh.violations).toEqual([]);
  });
});
