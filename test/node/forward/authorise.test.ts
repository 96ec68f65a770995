import { afterEach, beforeEach, expect, test } from 'vitest';
import type { UpstreamRequest } from '../../../node/providers/contract.ts';
import { ManualClock } from '../../manual-clock.ts';
import { startRig, type ForwardRig } from './forward-rig.ts';
import { completion, handUpstream, sendJson, startHost, type HandHost } from './hand-upstream.ts';

let host: HandHost;
let rig: ForwardRig;
const clock = new ManualClock();

beforeEach(async () => {
  host = await startHost((_, response) => sendJson(response, 200, completion('well')));
  rig = await startRig({ clock });
});

afterEach(async () => {
  await rig.stop();
  await host.close();
});

test('a request that is not authorised within request_timeout fails, and goes nowhere once it is', async () => {
  const asked = Promise.withResolvers<void>();
  const authorised = Promise.withResolvers<UpstreamRequest>();
  let given: UpstreamRequest | undefined;
  const authorise = (request: UpstreamRequest) => {
    given = request;
    asked.resolve();
    return authorised.promise;
  };
  rig.add('one', handUpstream(host.origin, { authorise }));
  const answer = rig.chat();
  await asked.promise;
  clock.advance(60_000);
  expect((await answer).status).toBe(504);
  expect([rig.forward.inFlight, rig.accounts.get('one')?.inFlight]).toEqual([0, 0]);
  if (given !== undefined) authorised.resolve(given);
  await authorised.promise;
  await new Promise((turn) => setImmediate(turn));
  expect(host.requests).toEqual([]);
});

test('no timer is left of a request that was authorised', async () => {
  rig.add('one', handUpstream(host.origin, { authorise: (request) => Promise.resolve(request) }));
  const before = clock.pendingCount;
  expect((await rig.chat()).status).toBe(200);
  expect(clock.pendingCount).toBe(before);
});

test('neither is a call of the node’s own kept for ever', async () => {
  const upstream = handUpstream(host.origin, { authorise: () => new Promise(() => undefined) });
  await expect(rig.forward.ask(upstream, upstream.probe(undefined), 20)).rejects.toMatchObject({
    code: 'upstream_timeout',
  });
});
