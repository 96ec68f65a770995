import { describe, expect, it } from 'vitest';
import { giveUpVote } from '../../../cluster/leader/give-up-vote.ts';
import { ManualClock } from '../../manual-clock.ts';
import { recordedLog } from '../mesh/recorded-log.ts';
import { SimulatedMesh } from './simulated-mesh.ts';

const three = ['n1', 'n2', 'n3'];

/** A leader that answers so, one after the other, and no more after that. */
function going(refusals: readonly (string | undefined)[], hasOthers = true) {
  const clock = new ManualClock();
  const log = recordedLog();
  const answers = [...refusals];
  let isDone = false;
  const removeVoter = (_node: string, _isForced: boolean, done: (refusal?: string) => void) => {
    if (answers.length > 0) done(answers.shift());
  };
  giveUpVote(
    { clock, log, leadership: { removeVoter }, self: 'n1', hasOthers: () => hasOthers, boundMs: 3000 },
    () => (isDone = true),
  );
  return { clock, answers, isDone: () => isDone, reasons: () => log.lines.map(({ fields }) => fields?.reason) };
}

describe('giving up the vote', () => {
  it('is asked for again while there is no leader yet', () => {
    const { clock, isDone, reasons } = going(['there is no leader', 'this node does not lead', undefined]);
    clock.advance(150);
    expect(isDone()).toBe(false);
    clock.advance(100);
    expect(isDone()).toBe(true);
    expect(reasons()).toEqual([]);
  });

  it('ends after its bound, and says why', () => {
    const { clock, isDone, reasons } = going(['there is no leader']);
    clock.advance(2999);
    expect(isDone()).toBe(false);
    clock.advance(1);
    expect(isDone()).toBe(true);
    expect(reasons()).toEqual(['there is no leader']);
  });

  it('is not waited for when nobody is left to agree', () => {
    const { answers, isDone, reasons } = going(['there is no leader', undefined], false);
    expect(isDone()).toBe(true);
    expect(answers).toHaveLength(1);
    expect(reasons()).toEqual(['there is no leader']);
  });

  it('works at the leader that has just begun to hand over', () => {
    const mesh = new SimulatedMesh({ seed: 20 });
    for (const id of three) mesh.start(id, { founding: three });
    mesh.runUntil(() => mesh.leaders()[0]?.election.config?.voters.length === 3, 10_000);
    const leader = mesh.leaders()[0]!;
    leader.election.resign(() => undefined);
    let isDone = false;
    const options = { clock: leader.clock, log: recordedLog(), leadership: leader.election, self: leader.id };
    giveUpVote({ ...options, hasOthers: () => true, boundMs: 3000 }, () => (isDone = true));
    mesh.runUntil(() => isDone, 3500);
    expect(options.log.lines).toEqual([]);
    mesh.run(2000);
    expect(mesh.leaders()[0]!.election.config?.voters).toEqual(three.filter((id) => id !== leader.id));
  });
});
