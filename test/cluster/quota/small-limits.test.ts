import { describe, expect, it } from 'vitest';
import { minuteMs, quotaMeshOf } from './quota-mesh.ts';

type Pattern = (request: number, nodes: number) => number;

const patterns: Readonly<Record<string, Pattern>> = {
  'one after the other at all nodes': (request, nodes) => request % nodes,
  'all at the first node': () => 0,
  'all at the last node': (_, nodes) => nodes - 1,
  'by turns at two nodes': (request, nodes) => (request % 2) * (nodes - 1),
};

/** How many of `requests` were let in, one every `gapMs`. */
function admitted(limit: number, nodes: number, pattern: Pattern, gapMs: number, requests: number): number {
  const mesh = quotaMeshOf(nodes);
  mesh.ruleOf = () => ({ limit, windowMs: minuteMs });
  mesh.advance(400);
  for (let request = 0; request < requests; request++) {
    mesh.request(`n${pattern(request, nodes) + 1}`, 1, 'key', 100);
    mesh.advance(gapMs);
  }
  mesh.advance(200);
  return mesh.taken.length;
}

describe.each(Object.entries(patterns))('a small limit, asked for %s', (_, pattern) => {
  it.each([1, 2, 5, 9])('is there to the last unit: %i a minute', (limit) => {
    const short: string[] = [];
    for (const nodes of [2, 3, 7]) {
      for (const gapMs of [0, 5, 150, 1000, Math.floor(50_000 / (limit + 2))]) {
        const count = admitted(limit, nodes, pattern, gapMs, limit + 2);
        if (count !== limit) short.push(`${nodes} nodes, every ${gapMs} ms: ${count}`);
      }
    }
    expect(short).toEqual([]);
  });
});
