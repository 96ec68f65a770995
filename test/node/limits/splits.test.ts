import { array, assert, constant, constantFrom, nat, oneof, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFault } from '../../../kit/fault.ts';
import { LimitMesh, type LimitNode } from './limit-mesh.ts';

/** Uses 10 tokens at a time until it is refused; answers how many it got. */
function useUp(mesh: LimitMesh, ...nodes: LimitNode[]): number {
  let used = 0;
  for (let n = 0; n < 1000; n++) {
    const open = nodes.filter((node) => node.code() === 'in');
    if (open.length === 0) return used;
    for (const node of open) {
      node.use(10);
      used += 10;
    }
    mesh.advance(150);
  }
  throw new Error('it never ends');
}

describe('a split', () => {
  it('leaves each side its part of what was left, and all of them together no more', () => {
    const mesh = new LimitMesh(3, { dailyTokenBudget: 1000 });
    mesh.node('n1').use(400);
    mesh.advance(200);
    mesh.split(['n1', 'n2'], ['n3']);
    expect(useUp(mesh, mesh.node('n1'), mesh.node('n2'))).toBe(400);
    expect(useUp(mesh, mesh.node('n3'))).toBe(200);
    const refusal = mesh.node('n3').enter();
    if (!isFault(refusal)) throw new Error('it was let in');
    expect(refusal).toMatchObject({ code: 'budget_spent', retryAfterMs: 60_000 });
    expect(refusal.message).toBe(
      'the daily tokens budget of the key is 1000 tokens, and 600 tokens of it may be spent here while members are out of reach',
    );
    mesh.heal();
    for (const node of mesh.nodes.values()) expect(node.code()).toBe('budget_spent');
    expect(mesh.node('n1').enter()).toMatchObject({ message: expect.stringContaining('and it is spent') as string });
  });

  it('that heals gives back what the other side did not use', () => {
    const mesh = new LimitMesh(3, { dailyTokenBudget: 900 });
    mesh.split(['n1', 'n2'], ['n3']);
    expect(useUp(mesh, mesh.node('n1'), mesh.node('n2'))).toBe(600);
    mesh.node('n3').use(50);
    mesh.heal();
    expect(useUp(mesh, mesh.node('n2'))).toBe(250);
  });

  it('ends for good when the voter that is away is no voter any more', () => {
    const mesh = new LimitMesh(3, { dailyTokenBudget: 900 });
    mesh.kill('n3');
    for (const id of ['n1', 'n2']) mesh.mesh.believe(id, 'n3', 'dead');
    expect(useUp(mesh, mesh.node('n1'), mesh.node('n2'))).toBe(600);
    mesh.setVoters('n1', 'n2');
    expect(useUp(mesh, mesh.node('n1'), mesh.node('n2'))).toBe(300);
  });

  it('begins with a suspicion, and a member that does not vote takes nothing away', () => {
    const mesh = new LimitMesh(3, { dailyTokenBudget: 900 });
    mesh.setVoters('n1', 'n2');
    mesh.kill('n3');
    mesh.mesh.believe('n1', 'n3', 'dead');
    mesh.node('n1').use(600);
    expect(mesh.node('n1').code()).toBe('in');
    mesh.mesh.believe('n1', 'n2', 'suspect');
    mesh.node('n1').use(150);
    expect(mesh.node('n1').code()).toBe('budget_spent');
    mesh.mesh.believe('n1', 'n2', 'alive');
    expect(mesh.node('n1').code()).toBe('in');
  });

  it('at a start counts what the disk says as spent before it', () => {
    const mesh = new LimitMesh(3, { dailyTokenBudget: 900 });
    mesh.node('n3').use(300);
    mesh.advance(5200);
    mesh.split(['n1', 'n2'], ['n3']);
    const n3 = mesh.start('n3', mesh.kill('n3'));
    // It knows of no other voter yet: a third of what was left is what it has.
    expect(n3.code()).toBe('in');
    n3.use(200);
    expect(n3.code()).toBe('budget_spent');
  });

  it('over midnight leaves each side its part of the new day', () => {
    const mesh = new LimitMesh(3, { dailyTokenBudget: 900 });
    mesh.split(['n1', 'n2'], ['n3']);
    mesh.node('n3').use(300);
    expect(mesh.node('n3').code()).toBe('budget_spent');
    mesh.sleep(86_400_000);
    expect(useUp(mesh, mesh.node('n3'))).toBe(300);
    expect(useUp(mesh, mesh.node('n1'))).toBe(600);
  });
});

describe('any course of events', () => {
  const limit = 10_000;
  /** A request uses no more. */
  const tokensMax = 200;
  /** Of what is left, so much may be unwritten for five seconds; and of whatever comes in 100 ms, all. */
  const unwrittenMax = limit * 0.01 + tokensMax;
  const ids = ['n1', 'n2', 'n3'] as const;
  const at = constantFrom(...ids);
  const step = oneof(
    { weight: 6, arbitrary: record({ kind: constant('use'), at, times: nat(40), tokens: nat(tokensMax) }) },
    { weight: 2, arbitrary: record({ kind: constantFrom('cut', 'heal', 'wait'), at }) },
    { weight: 1, arbitrary: record({ kind: constant('restart'), at }) },
  );

  function run(steps: readonly { kind: string; at: (typeof ids)[number]; times?: number; tokens?: number }[]): number {
    const mesh = new LimitMesh(3, { dailyTokenBudget: limit });
    let spent = 0;
    const actions: Record<string, (id: (typeof ids)[number], times: number, tokens: number) => void> = {
      use(id, times, tokens) {
        for (let n = 0; n < times && mesh.node(id).code() === 'in'; n++) {
          mesh.node(id).use(tokens);
          spent += tokens;
          mesh.advance(120);
        }
      },
      cut(id) {
        const others = ids.filter((each) => each !== id);
        mesh.split([id], others);
      },
      heal: () => mesh.heal(),
      wait: () => mesh.advance(5200),
      restart(id) {
        mesh.start(id, mesh.kill(id));
        mesh.heal();
      },
    };
    for (const { kind, at: id, times = 0, tokens = 0 } of steps) actions[kind]?.(id, times, tokens);
    return spent;
  }

  it('spends no more than the budget, and what the others had not heard of', () => {
    let greatest = 0;
    assert(
      property(array(step, { minLength: 20, maxLength: 40 }), (steps) => {
        const restarts = steps.filter(({ kind }) => kind === 'restart').length;
        const over = run(steps) - limit;
        greatest = Math.max(greatest, over);
        // Each node lets one more in, and has something that nobody else knows of.
        expect(over).toBeLessThanOrEqual(3 * (tokensMax + unwrittenMax) + restarts * unwrittenMax);
      }),
      { numRuns: 30, seed: 7, endOnFailure: true },
    );
    console.log(`budget of ${limit}: at most ${greatest} over it, by requests of up to ${tokensMax}`);
    expect(greatest).toBeGreaterThan(0);
  });
});
