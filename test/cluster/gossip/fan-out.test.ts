import { describe, expect, it } from 'vitest';
import { StateMesh } from '../state-mesh/state-mesh.ts';

describe('in a mesh of forty', () => {
  it('members that know the same say so in one line', () => {
    const mesh = new StateMesh();
    for (let index = 1; index <= 40; index++) mesh.start(`n${index}`);
    mesh.joinAll();
    for (const { id, gossip } of mesh.nodes.values()) gossip.set('load/a', id);
    mesh.advance(15_000);
    mesh.network.sent.clear();
    mesh.advance(5000);
    expect(mesh.network.sent.get('gossip/hash')).toBe(5 * 40);
    expect(mesh.network.sent.has('gossip/sync')).toBe(false);
    mesh.node('n1').gossip.set('load/a', 'again');
    mesh.advance(15_000);
    for (const { gossip } of mesh.nodes.values()) expect(gossip.get('n1', 'load/a')).toBe('again');
  });
});
