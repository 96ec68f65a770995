import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Allowance } from '../../../cluster/transport/allowance.ts';
import { Deliveries } from '../../../cluster/transport/deliveries.ts';
import { preferredChannel } from '../../../cluster/transport/preferred-channel.ts';
import { SlowReader } from '../../../cluster/transport/slow-reader.ts';
import { silentLog } from '../../../kit/log.ts';
import { ManualClock } from '../../manual-clock.ts';

describe('an allowance', () => {
  test('is what may come in ten seconds, refilled with time', () => {
    const clock = new ManualClock();
    const allowance = new Allowance(clock, 5);
    const takeAll = () => {
      let taken = 0;
      while (allowance.take()) taken++;
      return taken;
    };
    expect(takeAll()).toBe(50);
    clock.advance(2000);
    expect(takeAll()).toBe(10);
    clock.advance(3_600_000);
    expect(takeAll()).toBe(50);
  });
});

describe('a slow reader', () => {
  const stream = { writeBufferLength: 0, writableNeedsDrain: false };

  test('is dropped from while its buffer is full, and given up after ten seconds of it', () => {
    const clock = new ManualClock();
    const reader = new SlowReader(clock, 100);
    expect(reader.judge({ ...stream, writeBufferLength: 100 })).toBe(true);
    expect(reader.judge({ ...stream, writeBufferLength: 101 })).toBe(false);
    clock.advance(9000);
    expect(reader.judge(stream)).toBe(true);
    expect(reader.judge({ ...stream, writeBufferLength: 101 })).toBe(false);
    clock.advance(10_001);
    expect(reader.judge({ ...stream, writeBufferLength: 101 })).toMatchObject({ message: 'it does not read' });
  });

  test('has no more than so many messages waiting, however small', () => {
    const reader = new SlowReader(new ManualClock(), 100);
    let sent = 0;
    while (reader.judge({ ...stream, writableNeedsDrain: true }) === true) sent++;
    expect(sent).toBe(16_384);
    expect(reader.judge(stream)).toBe(true);
  });
});

describe('the connection to keep', () => {
  const candidate = fc.record({ openedMs: fc.nat(2999), isDialledByLowerId: fc.boolean() });

  test('is the one dialled by the lower id, the oldest of several', () => {
    fc.assert(
      fc.property(fc.array(candidate, { minLength: 1, maxLength: 5 }), (candidates) => {
        const byLower = candidates.filter(({ isDialledByLowerId }) => isDialledByLowerId);
        const eligible = byLower.length > 0 ? byLower : candidates;
        expect(preferredChannel(candidates)?.openedMs).toBe(Math.min(...eligible.map(({ openedMs }) => openedMs)));
      }),
    );
  });

  test('is the newer one when it comes long after the other', () => {
    const old = { openedMs: 0, isDialledByLowerId: true };
    const fresh = { openedMs: 3001, isDialledByLowerId: false };
    expect(preferredChannel([fresh, old])).toBe(fresh);
    expect(preferredChannel([])).toBeUndefined();
  });
});

describe('deliveries', () => {
  test('come in order, later, and one that fails keeps none back', async () => {
    const heard: unknown[] = [];
    const deliveries = new Deliveries({ ...silentLog, error: (_, fields) => heard.push(fields?.['error']) });
    const failure = new Error('a bug');
    deliveries.add(() => {
      deliveries.add(() => heard.push('third'));
      throw failure;
    });
    deliveries.add(() => heard.push('second'));
    expect(heard).toEqual([]);
    await deliveries.settled();
    expect(heard).toEqual([failure, 'second', 'third']);
  });
});
