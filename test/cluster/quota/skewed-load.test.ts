import { describe, expect, it } from 'vitest';
import { minuteMs, quotaMeshOf, type QuotaMesh } from './quota-mesh.ts';

/** Requests evenly over time, nine of ten at n1. */
function load(mesh: QuotaMesh, perMinute: number, forMs: number): void {
  const gapMs = minuteMs / perMinute;
  let count = 0;
  for (let passedMs = 0; passedMs < forMs; passedMs += gapMs) {
    mesh.request(count % 10 !== 9 ? 'n1' : count % 20 === 9 ? 'n2' : 'n3');
    count++;
    mesh.advance(gapMs);
  }
}

describe('600 a minute over three nodes, nine of ten requests at one of them', () => {
  it.each([650, 1000, 6000])('admits 570 to 600 of %i in each minute', (perMinute) => {
    const mesh = quotaMeshOf(3);
    const beganMs = mesh.nowMs;
    load(mesh, perMinute, 3 * minuteMs);
    const minutes = [0, 1, 2].map((minute) =>
      mesh.takenBetween(beganMs + minute * minuteMs, beganMs + (minute + 1) * minuteMs),
    );
    for (const admitted of minutes) {
      expect(admitted).toBeGreaterThanOrEqual(570);
      expect(admitted).toBeLessThanOrEqual(630);
    }
    expect(mesh.mostInAWindow()).toBeLessThanOrEqual(600);
  });

  it('admits all of 500 a minute', () => {
    const mesh = quotaMeshOf(3);
    load(mesh, 500, 2 * minuteMs);
    expect(mesh.taken.length).toBe(1000);
  });

  it('asks little of the others while most requests are refused', () => {
    const mesh = quotaMeshOf(3);
    load(mesh, 6000, minuteMs);
    const before = [...mesh.mesh.network.sent.values()].reduce((sum, count) => sum + count, 0);
    load(mesh, 6000, minuteMs);
    const sent = [...mesh.mesh.network.sent.values()].reduce((sum, count) => sum + count, 0) - before;
    expect(sent / 60 / 3).toBeLessThan(30);
  });
});
