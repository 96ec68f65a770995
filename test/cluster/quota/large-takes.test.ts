import { describe, expect, it } from 'vitest';
import { minuteMs, quotaMeshOf, type QuotaMesh } from './quota-mesh.ts';

/** Three nodes, each of which takes a little every second. */
function inLightUse(): QuotaMesh {
  const mesh = quotaMeshOf(3);
  mesh.ruleOf = () => ({ limit: 1000, windowMs: minuteMs });
  mesh.advance(400);
  for (let second = 0; second < 10; second++) {
    for (const id of ['n1', 'n2', 'n3']) mesh.request(id, 2, 'key', 100);
    mesh.advance(1000);
  }
  return mesh;
}

describe('most of a limit at once', () => {
  it.each([400, 600, 800, 900])('is there while the others use little: %i of 1000', (amount) => {
    const mesh = inLightUse();
    const before = mesh.taken.length;
    mesh.request('n1', amount, 'key', 100);
    mesh.advance(150);
    expect(mesh.taken.slice(before)).toMatchObject([{ node: 'n1', amount }]);
    expect(mesh.mostInAWindow()).toBeLessThanOrEqual(1000);
  });

  it('leaves those who use much what they soon need', () => {
    const mesh = quotaMeshOf(2);
    mesh.ruleOf = () => ({ limit: 6000, windowMs: minuteMs });
    for (let request = 0; request < 200; request++) {
      mesh.request('n2', 10);
      mesh.advance(20);
    }
    mesh.request('n1', 3500, 'key', 100);
    mesh.advance(10);
    expect(mesh.at('n2').take(100)).toBe(true);
  });

  it('is worth asking for again soon where the others have it, though this node has not', () => {
    const mesh = inLightUse();
    const n1 = mesh.at('n1');
    mesh.advance(1200);
    expect(n1.take(900)).toBe(false);
    expect(n1.reading().remaining).toBeGreaterThanOrEqual(900);
    expect(n1.reading().retryAfterMs(900)).toBeLessThanOrEqual(1000);
    expect(n1.reading().retryAfterMs(990)).toBeGreaterThan(10_000);
  });

  it('is waited for as long as it counts at the others, where this node has no part of it', () => {
    const mesh = quotaMeshOf(3);
    mesh.ruleOf = () => ({ limit: 1, windowMs: minuteMs });
    for (const id of ['n1', 'n2', 'n3']) mesh.request(id, 1, 'key', 100);
    mesh.advance(2000);
    expect(mesh.taken).toHaveLength(1);
    for (const id of ['n1', 'n2', 'n3']) expect(mesh.at(id).reading().retryAfterMs(1)).toBeGreaterThan(50_000);
  });
});
