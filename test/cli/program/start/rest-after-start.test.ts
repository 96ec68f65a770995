import { describe, expect, it } from 'vitest';
import { restAfterStart } from '../../../../cli/program/start/rest-after-start.ts';
import { ManualClock } from '../../../manual-clock.ts';

/** A node whose load the test sets, and the times, in seconds after the start, at which memory was given back. */
function started() {
  const clock = new ManualClock();
  const load = { inFlight: 0, busyShare: 0.02 };
  const collectedAtS: number[] = [];
  const timer = restAfterStart({
    clock,
    node: load,
    busyShare: () => load.busyShare,
    collect: () => collectedAtS.push(clock.monotonicMs() / 1000),
  });
  return { clock, load, collectedAtS, timer };
}

describe('after a start', () => {
  it('an idle node gives memory back once', () => {
    const { clock, collectedAtS } = started();
    clock.advance(600_000);
    expect(collectedAtS).toEqual([5]);
    expect(clock.pendingCount).toBe(0);
  });

  it('a node with a request under way, or a busy one, waits until it is at rest', () => {
    const { clock, load, collectedAtS } = started();
    load.inFlight = 1;
    clock.advance(12_000);
    Object.assign(load, { inFlight: 0, busyShare: 0.5 });
    clock.advance(12_000);
    expect(collectedAtS).toEqual([]);
    load.busyShare = 0.02;
    clock.advance(12_000);
    expect(collectedAtS).toEqual([25]);
  });

  it('a node that is never at rest is left alone', () => {
    const { clock, load, collectedAtS } = started();
    load.busyShare = 0.5;
    clock.advance(120_000);
    load.busyShare = 0;
    clock.advance(600_000);
    expect(collectedAtS).toEqual([]);
    expect(clock.pendingCount).toBe(0);
  });

  it('a node that stops looks no more', () => {
    const { clock, collectedAtS, timer } = started();
    timer.cancel();
    clock.advance(600_000);
    expect(collectedAtS).toEqual([]);
  });
});
