import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { configOf, ScriptedNode } from './scripted-node.ts';

const set = ['n1', 'n2', 'n3'];
const digest = createHash('sha256').update(set.join('\n')).digest('hex').slice(0, 32);

/** What a node without a vote file, which may have forgotten one, says of the cluster that it is told of. */
function isFounderAfter(proposal: Record<string, unknown> | undefined): boolean | undefined {
  const node = new ScriptedNode('n1', ['n2', 'n3'], { founding: set });
  const told: boolean[] = [];
  node.election.observe({ clusterTaken: (isFounder) => told.push(isFounder) });
  node.election.start();
  if (proposal !== undefined) node.hear('n2', 'founding', { step: 'propose', set: digest, address: 'n2', ...proposal });
  node.hear('n2', 'config', configOf(set, 0, 1));
  expect(told).toHaveLength(1);
  return told[0];
}

describe('a founder that may have forgotten and accepts no proposal', () => {
  it('was there before the cluster when it heard of its first proposal', () => {
    expect(isFounderAfter({ term: 1, config: configOf(set, 1, 0), isFirst: true })).toBe(true);
  });

  it('may have forgotten it when the proposal is an earlier one, or of another cluster, or none was heard', () => {
    expect(isFounderAfter({ term: 2, config: configOf(set, 2, 0) })).toBe(false);
    expect(isFounderAfter({ term: 2, config: configOf(set, 2, 0), isFirst: false })).toBe(false);
    expect(isFounderAfter({ term: 1, config: { ...configOf(set, 1, 0), clusterId: 'c2' }, isFirst: true })).toBe(false);
    expect(isFounderAfter(undefined)).toBe(false);
  });
});
