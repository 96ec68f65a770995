import { describe, expect, it } from 'vitest';
import type { StateEntry } from '../../../cluster/gossip/contract.ts';
import type { Gossip } from '../../../cluster/gossip/gossip.ts';
import { meshOf, StateMesh } from '../state-mesh/state-mesh.ts';

function heardBy(gossip: Gossip, prefix = ''): string[] {
  const heard: string[] = [];
  gossip.watch(prefix, ({ node, key, value }: StateEntry) => heard.push(`${node} ${key}=${JSON.stringify(value)}`));
  return heard;
}

describe('what a node says of itself', () => {
  it('is known to all within the time that changes are gathered', () => {
    const mesh = meshOf(3);
    mesh.node('n1').gossip.set('load/a', { inFlight: 3 });
    mesh.advance(25);
    for (const { gossip } of mesh.nodes.values()) expect(gossip.get('n1', 'load/a')).toEqual({ inFlight: 3 });
  });

  it('is known at once when it is urgent, with all that changed before it', () => {
    const mesh = meshOf(3);
    const { gossip } = mesh.node('n1');
    gossip.set('load/a', 1);
    gossip.set('breaker/a', 'open', true);
    mesh.advance(2);
    expect(mesh.node('n3').gossip.get('n1', 'breaker/a')).toBe('open');
    expect(mesh.node('n3').gossip.get('n1', 'load/a')).toBe(1);
  });

  it('sends a thousand urgent changes at once in few messages', () => {
    const mesh = meshOf(2);
    mesh.network.sent.clear();
    for (let index = 0; index < 1000; index++) mesh.node('n1').gossip.set(`breaker/${index}`, 'open', true);
    mesh.advance(20);
    expect(mesh.node('n2').gossip.get('n1', 'breaker/999')).toBe('open');
    expect(mesh.network.sent.get('gossip/push')).toBeLessThan(5);
  });

  it('reaches a member that its owner cannot reach, over the others, when it is urgent', () => {
    const mesh = meshOf(4);
    mesh.network.disconnect('n1', 'n4');
    mesh.node('n1').gossip.set('breaker/a', 'open', true);
    mesh.advance(5);
    expect(mesh.node('n4').gossip.get('n1', 'breaker/a')).toBe('open');
  });

  it('is sent once for many changes, and not at all when nothing changed', () => {
    const mesh = meshOf(2);
    const { gossip } = mesh.node('n1');
    mesh.network.sent.clear();
    for (let count = 0; count < 1000; count++) gossip.set('load/a', { count });
    mesh.advance(25);
    expect(mesh.network.sent.get('gossip/push')).toBe(1);
    gossip.set('load/a', { count: 999 });
    mesh.advance(25);
    expect(mesh.network.sent.get('gossip/push')).toBe(1);
    expect(mesh.node('n2').gossip.get('n1', 'load/a')).toEqual({ count: 999 });
  });

  it('is told once for each change to those who watch, here and there', () => {
    const mesh = meshOf(2);
    const own = heardBy(mesh.node('n1').gossip, 'load/');
    const others = heardBy(mesh.node('n2').gossip, 'load/');
    const { gossip } = mesh.node('n1');
    gossip.set('load/a', 1);
    gossip.set('load/a', 1);
    gossip.set('other/a', 1);
    mesh.advance(100);
    gossip.delete('load/a');
    gossip.delete('load/a');
    mesh.advance(3000);
    const expected = ['n1 load/a=1', 'n1 load/a=undefined'];
    expect(own).toEqual(expected);
    expect(others).toEqual(expected);
  });

  it('can be gone through by prefix, own entries included', () => {
    const mesh = meshOf(2);
    mesh.node('n1').gossip.set('load/a', 1);
    mesh.node('n2').gossip.set('load/a', 2);
    mesh.node('n2').gossip.set('rest/a', 3);
    mesh.node('n2').gossip.delete('rest/a');
    mesh.advance(100);
    const seen: unknown[] = [];
    mesh.node('n1').gossip.each('load/', ({ node, isSelf, value }) => seen.push([node, isSelf, value]));
    mesh.node('n1').gossip.each('rest/', (entry) => seen.push(entry));
    expect(seen).toEqual([
      ['n1', true, 1],
      ['n2', false, 2],
    ]);
  });

  it('refuses what cannot be sent', () => {
    const { gossip } = meshOf(1).node('n1');
    expect(() => gossip.set('a', () => 1)).toThrow(expect.objectContaining({ code: 'gossip_value_refused' }));
    expect(() => gossip.set('x'.repeat(301), 1)).toThrow(expect.objectContaining({ code: 'gossip_value_refused' }));
    expect(() => gossip.set('a', 'x'.repeat(20_000))).toThrow(
      expect.objectContaining({ code: 'gossip_value_refused' }),
    );
  });

  it('has an end: further keys are kept to itself', () => {
    const mesh = meshOf(2);
    const { gossip } = mesh.node('n1');
    for (let index = 0; index < 20_001; index++) gossip.set(`load/${index}`, index);
    mesh.advance(100);
    expect(mesh.node('n2').gossip.get('n1', 'load/19999')).toBe(19_999);
    expect(gossip.get('n1', 'load/20000')).toBeUndefined();
    gossip.set('load/0', 'changed');
    gossip.delete('load/1');
    gossip.set('load/20000', 'now there is room');
    mesh.advance(100);
    expect(mesh.node('n2').gossip.get('n1', 'load/0')).toBe('changed');
    expect(mesh.node('n2').gossip.get('n1', 'load/20000')).toBe('now there is room');
    expect(mesh.node('n2').post.refused).toBe(0);
  });
});

describe('a member that goes', () => {
  it('takes what it said along, when it died and when it left', () => {
    for (const state of ['dead', 'left'] as const) {
      const mesh = meshOf(2);
      mesh.node('n1').gossip.set('load/a', 7);
      mesh.advance(50);
      const heard = heardBy(mesh.node('n2').gossip);
      mesh.believe('n2', 'n1', state);
      expect(mesh.node('n2').gossip.get('n1', 'load/a')).toBeUndefined();
      expect(heard).toEqual(['n1 load/a=undefined']);
    }
  });

  it('finds it again when it comes back in time', () => {
    const mesh = meshOf(2);
    mesh.node('n1').gossip.set('load/a', 7);
    mesh.advance(50);
    const heard = heardBy(mesh.node('n2').gossip);
    mesh.believe('n2', 'n1', 'dead');
    mesh.advance(20_000);
    mesh.believe('n2', 'n1', 'alive');
    expect(mesh.node('n2').gossip.get('n1', 'load/a')).toBe(7);
    expect(heard).toEqual(['n1 load/a=undefined', 'n1 load/a=7']);
  });

  it('is forgotten after a while, and then says all of it again', () => {
    const mesh = meshOf(2);
    mesh.node('n1').gossip.set('load/a', 7);
    mesh.advance(50);
    mesh.network.disconnect('n1', 'n2');
    mesh.believe('n2', 'n1', 'dead');
    mesh.advance(31_000);
    mesh.believe('n2', 'n1', 'alive');
    expect(mesh.node('n2').gossip.get('n1', 'load/a')).toBeUndefined();
    mesh.network.connect('n1', 'n2');
    mesh.advance(10);
    expect(mesh.node('n2').gossip.get('n1', 'load/a')).toBe(7);
  });

  it('begins anew with its next start', () => {
    const mesh = meshOf(2);
    mesh.node('n1').gossip.set('load/a', 7);
    mesh.node('n1').gossip.set('load/b', 8);
    mesh.advance(50);
    const heard = heardBy(mesh.node('n2').gossip);
    mesh.kill('n1');
    mesh.start('n1').gossip.set('load/a', 1);
    mesh.join('n1', 'n2');
    mesh.advance(50);
    expect(mesh.node('n2').gossip.get('n1', 'load/a')).toBe(1);
    expect(mesh.node('n2').gossip.get('n1', 'load/b')).toBeUndefined();
    expect(heard).toEqual(['n1 load/a=undefined', 'n1 load/b=undefined', 'n1 load/a=1']);
  });
});

describe('a node alone', () => {
  it('runs no timer, whatever it says', () => {
    const mesh = new StateMesh();
    const { gossip, records } = mesh.start('n1', { isJoined: () => true });
    records.stop();
    mesh.advance(10);
    gossip.set('load/a', 1);
    gossip.set('load/a', 2, true);
    gossip.delete('load/a');
    expect(mesh.clock.pendingCount).toBe(0);
  });

  it('has none left once the others are gone, or it stopped', () => {
    const mesh = meshOf(3);
    for (const { records } of mesh.nodes.values()) records.stop();
    mesh.node('n1').gossip.set('load/a', 1);
    for (const { gossip } of mesh.nodes.values()) gossip.stop();
    mesh.advance(5000);
    expect(mesh.clock.pendingCount).toBe(0);
  });
});
