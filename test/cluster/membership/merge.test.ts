import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MemberState } from '../../../cluster/membership/contract.ts';
import { compareClaims, compareHolders, type Claimed } from '../../../cluster/membership/merge.ts';

const states: readonly MemberState[] = ['alive', 'suspect', 'dead', 'left'];

/** A peer has one start. */
const claimed: fc.Arbitrary<Claimed> = fc
  .record({
    incarnation: fc.integer({ min: 0, max: 4 }),
    peer: fc.constantFrom('a', 'b', 'c', 'd'),
    state: fc.constantFrom(...states),
  })
  .map(({ incarnation, peer, state }) => ({
    facts: { incarnation, peer, startedAtMs: peer === 'a' ? 1 : peer === 'b' ? 2 : 3 },
    state,
  }));

const merge = (one: Claimed, other: Claimed): Claimed => (compareClaims(one, other) >= 0 ? one : other);

describe('the merge of two claims', () => {
  it('is commutative, associative and idempotent', () => {
    fc.assert(
      fc.property(claimed, claimed, claimed, (a, b, c) => {
        expect(merge(a, b)).toEqual(merge(b, a));
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
        expect(merge(a, a)).toEqual(a);
        expect(merge(merge(a, b), b)).toEqual(merge(a, b));
      }),
    );
  });

  it('only goes up: what is heard in any order ends the same', () => {
    fc.assert(
      fc.property(fc.array(claimed, { minLength: 1, maxLength: 12 }), fc.integer(), (claims, turn) => {
        const turned = claims.map((_, index) => claims[Math.abs(index + turn) % claims.length] as Claimed);
        const first = claims.reduce(merge);
        expect([...turned, ...claims].reduce(merge)).toEqual(first);
        for (const claim of claims) expect(compareClaims(first, claim)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it.each([
    ['a higher incarnation over any state', 2, 'alive', 1, 'left'],
    ['suspect over alive', 1, 'suspect', 1, 'alive'],
    ['dead over suspect', 1, 'dead', 1, 'suspect'],
    ['left over dead, since the member said so itself', 1, 'left', 1, 'dead'],
  ] as const)('takes %s', (_what, winner, winnerState, loser, loserState) => {
    const of = (incarnation: number, state: MemberState): Claimed => ({
      facts: { incarnation, peer: 'p', startedAtMs: 1 },
      state,
    });
    expect(compareClaims(of(winner, winnerState), of(loser, loserState))).toBeGreaterThan(0);
    expect(compareClaims(of(loser, loserState), of(winner, winnerState))).toBeLessThan(0);
  });
});

describe('of two holders of a name', () => {
  it('the one that started first has it, then the smaller peer id', () => {
    expect(compareHolders({ peer: 'z', startedAtMs: 1 }, { peer: 'a', startedAtMs: 2 })).toBeGreaterThan(0);
    expect(compareHolders({ peer: 'z', startedAtMs: 1 }, { peer: 'a', startedAtMs: 1 })).toBeLessThan(0);
    expect(compareHolders({ peer: 'a', startedAtMs: 1 }, { peer: 'a', startedAtMs: 2 })).toBe(0);
  });
});
