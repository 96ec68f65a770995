import { describe, expect, it } from 'vitest';
import { meshOf, StateMesh } from '../state-mesh/state-mesh.ts';

describe('what a node says of itself', () => {
  it('is known to all within the time that changes are gathered', () => {
    const mesh = meshOf(3);
    mesh.node('n1').gossip.set('load/a', { inFlight: 3 });
    mesh.advance(25);
    for (const id of ['n1', 'n2', 'n3']) expect(mesh.node(id).gossip.get('n1', 'load/a')).toEqual({ inFlight: 3 });
  });
});

describe('smoke', () => {
  it('joins', () => {
    const mesh = new StateMesh();
    const a = mesh.start('a');
    const b = mesh.start('b');
    a.records.put('accounts', 'x', { name: 'one' });
    a.gossip.set('k', 1);
    mesh.join('a', 'b');
    mesh.advance(100);
    expect(b.gossip.get('a', 'k')).toBe(1);
    expect(b.records.get('accounts', 'x')?.payload).toEqual({ name: 'one' });
    expect(a.records.isCurrent()).toBe(true);
    expect(b.records.isCurrent()).toBe(true);
    expect(a.records.digest()).toBe(b.records.digest());
    expect(a.gossip.digest()).toBe(b.gossip.digest());
  });
});
