import { expect, test } from 'vitest';
import { silentLog } from '../../../kit/log.ts';
import { Revision, type FailedAttempt } from '../../../node/forward/revision.ts';
import { protocolFaults } from '../../../node/protocols/faults.ts';
import type { UpstreamRequest } from '../../../node/providers/contract.ts';
import { idleUpstream } from '../accounts/pool.ts';
import { ManualClock } from '../../manual-clock.ts';

const request: UpstreamRequest = { method: 'POST', path: '/', headers: [], body: undefined };

function rig(answer: Promise<UpstreamRequest | undefined>) {
  const clock = new ManualClock();
  const heard: string[] = [];
  const host = {
    isOpen: () => true,
    resend: () => void heard.push('resend'),
    giveUp: () => void heard.push('give up'),
  };
  const call = { id: 'req', account: undefined };
  const deps = { clock, log: silentLog, retryBudget: { deposit: () => undefined, take: () => true } };
  const revision = new Revision(call as never, deps as never, host);
  const failed: FailedAttempt = {
    attempt: {} as never,
    upstream: { ...idleUpstream, revise: () => answer },
    request,
    fault: protocolFaults.upstream_error('failed'),
  };
  return { clock, heard, begin: () => revision.begin(failed) };
}

const turns = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

test('a look-up that takes too long is given up, and what it finds later is left', async () => {
  const found = Promise.withResolvers<UpstreamRequest>();
  const { clock, heard, begin } = rig(found.promise);
  expect(begin()).toBe(true);
  clock.advance(14_999);
  await turns();
  expect(heard).toEqual([]);
  clock.advance(1);
  await turns();
  found.resolve(request);
  await turns();
  expect([heard, clock.pendingCount]).toEqual([['give up'], 0]);
});

test('one that ends in time leaves no timer behind', async () => {
  const { clock, heard, begin } = rig(Promise.resolve(request));
  begin();
  await turns();
  expect([heard, clock.pendingCount]).toEqual([['resend'], 0]);
  expect(begin()).toBe(false);
});
