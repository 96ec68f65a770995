import { describe, expect, it } from 'vitest';
import { Tenure } from '../../../cluster/quota/tenure.ts';

const hourMs = 3_600_000;
const timing = { deadVoterKeepMs: hourMs };

/** Looks every 200 ms, following a leader. */
function look(tenure: Tenure, fromMs: number, untilMs: number): void {
  for (let nowMs = fromMs; nowMs <= untilMs; nowMs += 200) tenure.look(true, nowMs);
}

describe('a voter', () => {
  it('holds for most of the time after which the others may have taken it out', () => {
    const tenure = new Tenure({ timing, isSure: false, nowMs: 0 });
    look(tenure, 0, 800);
    expect(tenure.holds(3, 800)).toBe(false);
    look(tenure, 1000, 2000);
    expect(tenure.holds(3, 2000 + 0.79 * hourMs)).toBe(true);
    expect(tenure.holds(3, 2000 + 0.8 * hourMs)).toBe(false);
  });

  it('that stood still does not take the leader of before for one that it has now', () => {
    const tenure = new Tenure({ timing, isSure: false, nowMs: 0 });
    look(tenure, 0, 2000);
    const awakeMs = 2000 + 2 * hourMs;
    look(tenure, awakeMs, awakeMs + 800);
    expect(tenure.holds(3, awakeMs + 800)).toBe(false);
    look(tenure, awakeMs + 1000, awakeMs + 1000);
    expect(tenure.holds(3, awakeMs + 1000)).toBe(true);
  });

  it('of two is sure for good once it was', () => {
    const tenure = new Tenure({ timing, isSure: false, nowMs: 0 });
    expect(tenure.holds(2, hourMs)).toBe(false);
    tenure.agreed(hourMs);
    expect(tenure.holds(2, 1000 * hourMs)).toBe(true);
  });
});
