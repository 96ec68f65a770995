import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Account } from '../../node/accounts/contract.ts';
import type { PickContext, Strategy } from '../../node/routing/contract.ts';
import { at } from '../node/accounts/pool.ts';
import { CountedAccount, countedAccounts } from './counted-account.ts';

const startMs = 1_700_000_000_000;
/** Questions that a choice may ask on average, whatever the number of accounts. */
const questionsMax = 16;

export function context(over: Partial<PickContext> = {}): PickContext {
  return { nowMs: startMs, model: 'm', clientAddress: '10.0.0.1', affinity: 1, tried: [], ...over };
}

/** What every strategy must do, whatever it prefers. */
export function strategySuite(name: string, create: (accounts: readonly Account[]) => Strategy): void {
  describe(`strategy ${name}`, () => {
    test('has no answer where there is nobody', () => {
      expect(create([]).pick(context())).toBeUndefined();
      const accounts = countedAccounts(3);
      const strategy = create(accounts);
      for (const account of accounts) account.isWell = false;
      expect(strategy.pick(context())).toBeUndefined();
      expect(strategy.pick(context())).toBeUndefined();
    });

    test('gives a well account that was not tried whenever there is one, and none else', () => {
      const step = fc.record({ flip: fc.nat(), tried: fc.array(fc.nat(), { maxLength: 3 }), affinity: fc.nat() });
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 30 }), fc.array(step, { maxLength: 60 }), (count, steps) => {
          const accounts = countedAccounts(count);
          const strategy = create(accounts);
          for (const { flip, tried, affinity } of steps) {
            const flipped = at(accounts, flip % count);
            flipped.isWell = !flipped.isWell;
            if (flipped.isWell) strategy.touch?.(flipped);
            const triedAccounts = tried.map((index) => at(accounts, index % count));
            const fit = accounts.filter((account) => account.isWell && !triedAccounts.includes(account));
            const clientAddress = `10.0.0.${affinity % 256}`;
            const picked = strategy.pick(context({ tried: triedAccounts, affinity, clientAddress }));
            if (fit.length === 0) expect(picked).toBeUndefined();
            else expect(fit).toContain(picked);
          }
        }),
        { numRuns: 50 },
      );
    });

    test('finds the only well one of 1,000', () => {
      const accounts = countedAccounts(1_000);
      for (const account of accounts) account.isWell = false;
      const strategy = create(accounts);
      expect(strategy.pick(context())).toBeUndefined();
      const only = at(accounts, 617);
      only.isWell = true;
      strategy.touch?.(only);
      for (let each = 0; each < 50; each++) expect(strategy.pick(context({ affinity: each }))).toBe(only);
      const another = at(accounts, 3);
      another.isWell = true;
      strategy.touch?.(another);
      expect(strategy.pick(context({ tried: [only] }))).toBe(another);
    });

    test('notices within a second that an account is well again although nobody said so', () => {
      const accounts = countedAccounts(4);
      const strategy = create(accounts);
      for (const account of accounts) account.isWell = false;
      expect(strategy.pick(context())).toBeUndefined();
      at(accounts, 2).isWell = true;
      expect(strategy.pick(context({ nowMs: startMs + 1_000 }))).toBe(at(accounts, 2));
    });

    test.each([
      ['all are well', () => true],
      ['every other one is', (index: number) => index % 2 === 0],
      ['one in ten is', (index: number) => index % 10 === 0],
      ['one is', (index: number) => index === 7],
    ])('costs the same with 10 and with 1,000 accounts when %s', (_, isWell) => {
      for (const count of [10, 1_000]) {
        const accounts = countedAccounts(count);
        accounts.forEach((account, index) => (account.isWell = isWell(index)));
        const strategy = create(accounts);
        // What cannot serve is found out once.
        for (let each = 0; each < count * 4; each++) pickNumber(strategy, each);
        CountedAccount.questions = 0;
        for (let each = 0; each < 1_000; each++) pickNumber(strategy, each);
        expect(CountedAccount.questions / 1_000).toBeLessThanOrEqual(questionsMax);
      }
    });
  });
}

/** Different clients and prefixes, a millisecond apart. */
function pickNumber(strategy: Strategy, number: number): void {
  const clientAddress = `10.${number % 7}.${number % 251}.${number % 256}`;
  strategy.pick(context({ clientAddress, affinity: number + 1, nowMs: startMs + number }));
}
