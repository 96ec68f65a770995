import { describe, expect, it } from 'vitest';
import { trialGate } from '../../../../node/assembly/mesh/trial-gate.ts';
import { pool } from '../../accounts/pool.ts';

const model = 'gpt-4o';

describe('the trial of a half-open breaker', () => {
  it.each([
    ['of the account', undefined],
    ['of one of its models', model],
  ])('%s is left to the owner for a while', (_what, failing) => {
    const { clock, accounts, all } = pool(1);
    accounts.setTrialGate(trialGate({ owner: () => 'other', isOwn: () => false }, clock));
    const [account] = all;
    account?.standings.of(failing).breaker.openUntil(clock.nowMs(), clock.nowMs() + 1000);
    clock.advance(1500);
    expect(account?.canServe(clock.nowMs(), model)).toBe(false);
    clock.advance(2000);
    expect(account?.canServe(clock.nowMs(), model)).toBe(true);
  });
});
