import { describe, expect, it } from 'vitest';
import { spawnMember, spawnWorker } from '../../../../cli/program/supervise/spawn-node.ts';
import { RecordedTerminal } from '../../recorded-terminal.ts';

describe('a node that cannot even be spawned', () => {
  // Without a listener of its own, a failure at node:cluster's worker would end the supervisor.
  it.each([
    ['worker', spawnWorker],
    ['member', spawnMember],
  ] as const)('is one that ended, and no end of its supervisor: a %s', async (role, spawn) => {
    const terminal = new RecordedTerminal('/a-folder-that-is-gone');
    const plan = { role, index: 1, count: 1, isTerminal: false };
    const node = spawn({ args: [], terminal, plan, name: '1' });
    expect(await node.exited).toEqual({ code: null, signal: null });
  });
});
