import { describe, expect, it } from 'vitest';
import { drawPlan } from '../plan.ts';
import type { SimProcess } from '../world/sim-process.ts';
import { World } from '../world/world.ts';

const account = 'q1';

/** A world of two nodes, of whom the first has spent the first token and waits for the answer. */
function worldOfTwo() {
  const { issuer: habits, ...plan } = drawPlan({ seed: 1, nodes: 2, virtualMs: 60_000 });
  const world = new World({
    plan: { ...plan, issuer: { ...habits, lostRate: 0 } },
    isCalm: true,
    hasNoWork: true,
  });
  for (const host of world.hosts) world.start(host);
  const [first, second] = world.running() as [SimProcess, SimProcess];
  const token = world.issuer.firstToken(account);
  const spend = (process: SimProcess) => world.issuer.redeem(process, account, token, () => undefined);
  spend(first);
  world.advance(200);
  return { world, spendAgain: () => spend(second), known: () => world.issuer.known(account, token) };
}

const untilOver = (world: World) => () => world.advance(200);

describe('a token that is spent a second time', () => {
  it('is a finding within the time of doubt', () => {
    const { world, spendAgain } = worldOfTwo();
    spendAgain();
    expect(untilOver(world)).toThrow('n2 spent q1.0.0');
    expect(world.violation?.invariant).toBe('a token is spent once');
  });

  it('is none after the time of doubt, when nobody knows how the first ended', () => {
    const { world, spendAgain } = worldOfTwo();
    world.advance(world.plan.timing.doubtMs);
    spendAgain();
    world.advance(200);
    expect([world.violation, world.counts.residues]).toEqual([undefined, 1]);
  });

  it('is a finding once a majority knew, however late it comes', () => {
    const { world, spendAgain, known } = worldOfTwo();
    known();
    world.advance(world.plan.timing.doubtMs);
    spendAgain();
    expect(untilOver(world)).toThrow('though a majority knew');
  });

  it('is none when the majority heard while the second request was on its way', () => {
    const { world, spendAgain, known } = worldOfTwo();
    world.advance(world.plan.timing.doubtMs);
    spendAgain();
    world.advance(1);
    known();
    world.advance(200);
    expect([world.violation, world.counts.residues]).toEqual([undefined, 1]);
  });
});
