import { describe, expect, it } from 'vitest';
import { agreedVotersMax } from '../../../cluster/leader/voter-config.ts';
import { configOf, ScriptedNode, timing } from './scripted-node.ts';

const others = Array.from({ length: 200 }, (_, index) => `n${index + 2}`);
const kept = { term: 5, votedFor: undefined, config: configOf(['n1', 'n2', 'n3'], 4, 2) };
const toldMax = agreedVotersMax + timing.fanout;

describe('in a mesh of two hundred', () => {
  it('a member without a leader tells the voters and a few others who the voters are, not everyone', () => {
    const node = new ScriptedNode('n9', ['n1', ...others], { kept });
    node.election.start();
    const first = node.take('config');
    node.clock.advance(timing.electionMaxMs);
    const again = node.take('config');
    for (const told of [first, again]) {
      expect(told.map(({ to }) => to)).toEqual(expect.arrayContaining(['n1', 'n2', 'n3']));
      expect(told.length).toBeLessThanOrEqual(toldMax);
    }
    expect(new Set([...first, ...again].map(({ to }) => to)).size).toBeGreaterThan(first.length);
  });

  it('a founder without a cluster asks the founders and a few others', () => {
    const founding = ['n1', 'n2', 'n3'];
    const node = new ScriptedNode('n1', others, { founding });
    node.election.start();
    node.clock.advance(10 * timing.electionMaxMs);
    const told = node.take('founding');
    expect(told.filter(({ to }) => to === 'n2').length).toBeGreaterThan(5);
    expect(told.length).toBeLessThan((told.filter(({ to }) => to === 'n2').length + 1) * toldMax);
  });

  it('a leader greets who comes, and nobody else for it', () => {
    const node = new ScriptedNode('n1', others, { kept });
    node.election.start();
    node.becomeLeader(['n2']);
    node.clock.advance(timing.heartbeatMs);
    const last = node.take('heartbeat').at(-1);
    for (const comer of others) node.reach(comer);
    const greeted = node.take('heartbeat');
    expect(greeted.map(({ to }) => to)).toEqual(others);
    expect(greeted[0]?.body).toEqual(last?.body);
  });
});
