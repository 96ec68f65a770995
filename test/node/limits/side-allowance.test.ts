import { array, assert, integer, nat, pre, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sideAllowance } from '../../../node/limits/side-allowance.ts';

describe('what a side of a split may spend in all', () => {
  it.each([
    // limit, spent then, reachable, voters, allowed
    [1000, 0, 3, 3, 1000],
    [1000, 400, 3, 3, 1000],
    [1000, 0, 2, 3, 666],
    [1000, 0, 1, 3, 333],
    [1000, 400, 2, 3, 800],
    [1000, 400, 1, 3, 600],
    [1000, 1000, 2, 3, 1000],
    [1000, 1200, 2, 3, 1000],
    [1000, 400, 0, 3, 400],
    [1000, 0, 1, 2, 500],
    [1, 0, 2, 3, 0],
    [1000, 0, 1, 1, 1000],
  ])('%i, of which %i were spent, with %i of %i voters: %i', (limit, spentThen, reachable, voters, allowed) => {
    expect(sideAllowance(limit, spentThen, reachable, voters)).toBe(allowed);
  });

  it('adds up to no more than what was left, however the voters fall apart', () => {
    const sides = array(integer({ min: 0, max: 5 }), { minLength: 2, maxLength: 6 });
    assert(
      property(nat(1e12), nat(1e12), sides, (limit, spentThen, sizes) => {
        const voters = sizes.reduce((sum, size) => sum + size, 0);
        pre(voters > 0);
        const left = Math.max(0, limit - spentThen);
        const shares = sizes.map((size) => sideAllowance(limit, spentThen, size, voters) - Math.min(limit, spentThen));
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(left);
        for (const share of shares) expect(share).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
