import { describe, expect, it } from 'vitest';
import { RendezvousRing } from '../../cluster/ring.ts';
import { factsOf, SetMembership } from './state-mesh/set-membership.ts';

const keys = Array.from({ length: 20_000 }, (_, index) => `account-${index}`);

function membersOf(count: number): SetMembership {
  const membership = new SetMembership(factsOf('n1', 1));
  for (let index = 2; index <= count; index++) membership.set(factsOf(`n${index}`, 1), 'alive');
  return membership;
}

function sharesOf(ring: RendezvousRing): Map<string, number> {
  const shares = new Map<string, number>();
  for (const key of keys) shares.set(ring.owner(key), (shares.get(ring.owner(key)) ?? 0) + 1);
  return shares;
}

describe('the ring', () => {
  it.each([2, 3, 5, 16])('gives each of %i members its share within a tenth', (count) => {
    const shares = sharesOf(new RendezvousRing(membersOf(count), () => true));
    const even = keys.length / count;
    expect(shares.size).toBe(count);
    for (const share of shares.values()) expect(Math.abs(share - even)).toBeLessThan(even * 0.1);
  });

  it('moves only the keys of a member that goes', () => {
    const membership = membersOf(5);
    const ring = new RendezvousRing(membership, () => true);
    const before = new Map(keys.map((key) => [key, ring.owner(key)]));
    membership.set(factsOf('n3', 1), 'dead');
    const moved = keys.filter((key) => ring.owner(key) !== before.get(key));
    expect(moved.length).toBeGreaterThan(0);
    expect(moved.every((key) => before.get(key) === 'n3')).toBe(true);
    expect(keys.some((key) => ring.owner(key) === 'n3')).toBe(false);
  });

  it('gives no key to a member that is not eligible, and its keys back once it is', () => {
    const draining = new Set<string>();
    const ring = new RendezvousRing(membersOf(3), (node) => !draining.has(node));
    const before = keys.map((key) => ring.owner(key));
    draining.add('n2');
    expect(sharesOf(ring).has('n2')).toBe(false);
    draining.clear();
    expect(keys.map((key) => ring.owner(key))).toEqual(before);
  });

  it('is this node when nobody is eligible', () => {
    const ring = new RendezvousRing(membersOf(3), () => false);
    expect(ring.owner('anything')).toBe('n1');
    expect(ring.isOwn('anything')).toBe(true);
  });

  it('is seen alike by every member', () => {
    const mine = new RendezvousRing(membersOf(3), () => true);
    const theirs = new SetMembership(factsOf('n3', 1));
    theirs.set(factsOf('n2', 1), 'alive');
    theirs.set(factsOf('n1', 1), 'suspect');
    const ring = new RendezvousRing(theirs, () => true);
    expect(keys.map((key) => ring.owner(key))).toEqual(keys.map((key) => mine.owner(key)));
    expect(keys.filter((key) => ring.isOwn(key)).every((key) => !mine.isOwn(key))).toBe(true);
  });
});
