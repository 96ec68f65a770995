import { expect, test } from 'vitest';
import { pollDevice } from '../../../node/providers/device-flow.ts';
import { ManualClock } from '../../manual-clock.ts';
import { FakeDesk } from '../../suites/fake-desk.ts';

test.each([0, -5_000, Number.NaN])(
  'a service that asks for no pause (%d) is left one all the same',
  async (interval) => {
    const desk = new FakeDesk(new ManualClock());
    let asked = 0;
    const ask = () => {
      asked++;
      const error = asked > 1_000 ? 'access_denied' : 'authorization_pending';
      return Promise.resolve({ status: 400, headers: {}, body: Buffer.from(JSON.stringify({ error })) });
    };
    const poll = { ask, intervalMs: interval, expiresInMs: 10_000, slower: (now: number) => now * 2 };
    await expect(pollDevice(poll, desk)).rejects.toThrow('the code ran out');
    expect(asked).toBe(10);
  },
);
