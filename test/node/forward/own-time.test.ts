import { afterEach, beforeEach, expect, test } from 'vitest';
import { protocolFaults } from '../../../node/protocols/faults.ts';
import type { Upstream, UpstreamRequest } from '../../../node/providers/contract.ts';
import { ManualClock } from '../../manual-clock.ts';
import { startRig, type ForwardRig } from './forward-rig.ts';
import { completion, handUpstream, sendJson, startHost, type HandHost } from './hand-upstream.ts';

let host: HandHost;
let rig: ForwardRig;
let clock: ManualClock;

beforeEach(async () => {
  clock = new ManualClock();
  // A process that has run for a day.
  clock.advance(86_400_000);
  host = await startHost((_, response) => {
    clock.advance(7_000);
    sendJson(response, 200, completion('well'));
  });
  rig = await startRig({ clock, retryAttempts: 1 });
});

afterEach(async () => {
  await rig.stop();
  await host.close();
});

const add = (own: Partial<Upstream>, id = 'one') => rig.add(id, handUpstream(host.origin, own));

/** Milliseconds of the proxy's own, and those of the tries at the account. */
async function times(id = 'one'): Promise<unknown[]> {
  await expect.poll(() => rig.forward.active).toBe(0);
  const overhead = rig.traffic.requestMeters.get('openai-chat')?.overhead.sumMs;
  return [overhead, rig.traffic.durationOf(id)?.sumMs];
}

test('what is looked up to authorise a request is not time of the proxy', async () => {
  const authorise = (request: UpstreamRequest) => {
    clock.advance(20_000);
    return Promise.resolve(request);
  };
  const later = (request: UpstreamRequest) => Promise.resolve().then(() => authorise(request));
  add({ authorise: later });
  expect((await rig.chat()).status).toBe(200);
  expect(await times()).toEqual([0, 7_000]);
});

test('neither is the time of an upstream that failed before another one answered', async () => {
  let isFirst = true;
  host.answer = (_, response) => {
    clock.advance(7_000);
    if (!isFirst) return sendJson(response, 200, completion('well'));
    isFirst = false;
    sendJson(response, 401, { error: { message: 'no' } });
  };
  // A refused token has the next account asked at once.
  const refused = () => new Promise<boolean>(() => undefined);
  const token = { isUsable: true, current: () => 'at', extra: () => undefined, refused };
  const readFault = () => protocolFaults.upstream_token_refused('ended');
  for (const id of ['one', 'two']) add({ token, readFault }, id);
  expect((await rig.chat()).status).toBe(200);
  const [overhead] = await times();
  expect(overhead).toBe(0);
});

test('a try that ends before anything was sent took no time of the upstream', async () => {
  add({
    encode: () => {
      throw protocolFaults.unsupported_field('nothing: can be carried', { field: 'nothing' });
    },
    speaks: () => false,
  });
  expect((await rig.chat()).status).toBe(400);
  expect(await times()).toEqual([0, 0]);
});
