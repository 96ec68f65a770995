import { describe, expect, it } from 'vitest';
import { encodeClaim, type Claim } from '../../../cluster/membership/claim.ts';
import type { MemberFacts, MemberState } from '../../../cluster/membership/contract.ts';
import { LittleMesh, type LittleNode } from '../mesh/little-mesh.ts';

const dayMs = 86_400_000;

/** n1 and n2 are honest; what `tell` sends comes from n3. */
function hostileMesh() {
  const mesh = new LittleMesh(21);
  const [n1, n2, n3] = mesh.grow(3) as [LittleNode, LittleNode, LittleNode];
  const factsOf = (node: LittleNode, changes: Partial<MemberFacts> = {}): MemberFacts => ({
    ...node.membership.self,
    ...changes,
  });
  const claim = (facts: MemberFacts, state: MemberState): Claim => ({ facts, state, by: 'n3' });
  const tell = (to: string, ...claims: readonly Claim[]) => {
    n3.post.send(to, 'swim.news', { c: claims.map(encodeClaim) });
    mesh.advance(20);
  };
  return { mesh, n1, n2, n3, factsOf, claim, tell };
}

const newcomer = (index: number): MemberFacts => ({
  nodeId: `invented${index}`,
  peer: `peer${index}`,
  incarnation: 1,
  address: 'x:1',
  meshAddresses: [],
  version: '1',
  startedAtMs: 1,
});

describe('a member that lies', () => {
  it.each(['suspect', 'dead', 'left'] as const)('that another is %s is refuted by that one', (state) => {
    const { mesh, n1, n2, factsOf, claim, tell } = hostileMesh();
    const before = n2.membership.self.incarnation;
    tell('n1', claim(factsOf(n2), state));
    tell('n2', claim(factsOf(n2), state));
    mesh.advance(3000);
    expect(n1.state('n2')).toBe('alive');
    expect(n2.incarnations.at(-1)).toBe(n2.membership.self.incarnation);
    expect(n2.membership.self.incarnation).toBeGreaterThan(before);
    expect(n1.changes.filter((change) => /n2:.*(?:dead|left)/.test(change))).toEqual([]);
  });

  it('again and again, of one whom it alone does not hear, does not bury that one', () => {
    const { mesh, n1, n2, factsOf, claim, tell } = hostileMesh();
    for (let round = 0; round < 50; round++) {
      tell('n1', claim(factsOf(n2), 'dead'));
      mesh.advance(200);
    }
    expect(n1.changes.filter((change) => /n2:.*dead/.test(change))).toEqual([]);
  });

  it('about incarnations within a day is outbid by whom it concerns', () => {
    const { mesh, n1, n2, factsOf, claim, tell } = hostileMesh();
    const poisoned = mesh.clock.nowMs() + dayMs / 2;
    tell('n1', claim(factsOf(n2, { incarnation: poisoned, address: 'elsewhere:1' }), 'alive'));
    mesh.advance(3000);
    expect(n2.membership.self.incarnation).toBe(poisoned + 1);
    expect(n1.member('n2')).toMatchObject({ address: 'n2:1', incarnation: poisoned + 1, state: 'alive' });
  });

  it('about incarnations of a far future is not believed by anybody', () => {
    const { n1, n2, factsOf, claim, tell } = hostileMesh();
    const absurd = factsOf(n2, { incarnation: n1.clock.nowMs() + 2 * dayMs });
    tell('n1', claim(absurd, 'dead'), claim(newcomer(1), 'alive'));
    tell('n2', claim(absurd, 'dead'));
    expect(n1.membership.claimsRefused).toBe(1);
    expect(n1.state('n2')).toBe('alive');
    expect(n1.state('invented1')).toBe('alive');
    expect(n2.incarnations).toEqual([]);
  });

  it('does not drive an incarnation days ahead, lie by lie, so that newcomers still let its holder in', () => {
    const { mesh, n1, n2, n3, factsOf, claim, tell } = hostileMesh();
    const limit = mesh.clock.nowMs() + 2 * dayMs;
    for (let round = 0; round < 10; round++) {
      for (const aheadMs of [dayMs - 5000, dayMs, 2 * dayMs]) {
        tell('n2', claim(factsOf(n2, { incarnation: n2.membership.self.incarnation + aheadMs }), 'dead'));
        tell('n1', claim(factsOf(n2, { incarnation: n1.membership.self.incarnation + aheadMs }), 'dead'));
      }
    }
    n3.kill();
    mesh.advance(5000);
    expect(n2.membership.self.incarnation).toBeLessThan(limit);
    expect(n1.member('n2')).toMatchObject({ state: 'alive', incarnation: n2.membership.self.incarnation });
  });

  it('about facts of another in the same incarnation changes nothing', () => {
    const { mesh, n1, n2, factsOf, claim, tell } = hostileMesh();
    tell('n1', claim(factsOf(n2, { address: 'elsewhere:1' }), 'alive'));
    tell('n1', claim(factsOf(n2, { address: 'elsewhere:1' }), 'suspect'));
    mesh.advance(20);
    expect(n1.member('n2').address).toBe('n2:1');
  });

  it('about another peer behind a name that this node hears is not believed', () => {
    const { n1, n2, mesh, factsOf, claim, tell } = hostileMesh();
    mesh.advance(3000);
    tell('n1', claim(factsOf(n2, { peer: 'impostor', incarnation: mesh.clock.nowMs() }), 'alive'));
    expect(n1.member('n2').peer).toBe('n2');
    expect(n2.fatal).toEqual([]);
  });

  it('about members who do not exist fills no more than the table', () => {
    const { n1, claim, tell } = hostileMesh();
    for (let batch = 0; batch < 5; batch++) {
      const invented = Array.from({ length: 500 }, (_, index) => claim(newcomer(batch * 500 + index), 'alive'));
      tell('n1', ...invented);
    }
    expect(n1.membership.all.length).toBeLessThanOrEqual(1024);
    expect(n1.membership.claimsRefused).toBeGreaterThan(1000);
    expect(n1.state('n2')).toBe('alive');
  });

  it('about members who do not exist is not believed for long', () => {
    const { mesh, n1, claim, tell } = hostileMesh();
    tell('n1', ...Array.from({ length: 20 }, (_, index) => claim(newcomer(index), 'alive')));
    mesh.node('n3').kill();
    expect(mesh.until(() => n1.membership.live.length === 2)).toBeLessThan(Infinity);
    expect(mesh.until(() => n1.membership.all.length === 2)).toBeLessThan(Infinity);
  });

  it('about the leaving of another by the word of that one counts as malformed', () => {
    const { mesh, n1, n2, n3, factsOf, claim } = hostileMesh();
    n3.post.ask('n1', 'swim.left', encodeClaim(claim(factsOf(n2), 'left')), 100, () => undefined);
    mesh.advance(20);
    expect(n1.state('n2')).toBe('alive');
    expect(n1.post.refused).toBe(1);
  });

  it.each([
    ['no fields', null],
    ['claims that are no list', { c: 'x' }],
    ['a claim without a form', { c: [7] }],
    ['too many claims', { c: Array.from({ length: 2049 }, () => 0) }],
    ['a node id of any text', { c: [{ ...encoded(), id: 'a b' }] }],
    ['a node id that is too long', { c: [{ ...encoded(), id: 'a'.repeat(65) }] }],
    ['an address that is too long', { c: [{ ...encoded(), at: 'a'.repeat(301) }] }],
    ['a negative incarnation', { c: [{ ...encoded(), inc: -1 }] }],
    ['an incarnation that is no number', { c: [{ ...encoded(), inc: NaN }] }],
    ['too many addresses', { c: [{ ...encoded(), mesh: Array.from({ length: 17 }, () => '/x') }] }],
    ['a state that does not exist', { c: [{ ...encoded(), s: 4 }] }],
    ['a peer without a name', { c: [{ ...encoded(), peer: '' }] }],
    ['an accuser of any text', { c: [{ ...encoded(), by: '' }] }],
    ['a version that is too long', { c: [{ ...encoded(), v: 'v'.repeat(65) }] }],
    ['a start that is no time', { c: [{ ...encoded(), since: Infinity }] }],
  ])('or sends %s is counted, and changes nothing', (_what, body) => {
    const { mesh, n1, n3 } = hostileMesh();
    const { all } = n1.membership;
    n3.post.send('n1', 'swim.news', body);
    mesh.advance(20);
    expect(n1.post.refused).toBe(1);
    expect(n1.membership.all).toBe(all);
  });

  it.each(['swim.ping', 'swim.ack', 'swim.help', 'swim.nack'])('or sends a %s without a number is counted', (kind) => {
    const { mesh, n1, n3 } = hostileMesh();
    n3.post.send('n1', kind, { n: 'one', t: 'n2' });
    n3.post.send('n1', kind, {});
    mesh.advance(20);
    expect(n1.post.refused).toBe(2);
  });

  it('or answers probes for others that were not asked of it proves nothing', () => {
    const { mesh, n1, n2, n3 } = hostileMesh();
    n2.freeze();
    for (let round = 0; round < 500; round++) {
      n3.post.send('n1', 'swim.ack', { n: round });
      mesh.advance(10);
    }
    expect(n1.state('n2')).toBe('dead');
  });
});

describe('what is unknown', () => {
  it('in a message of a later version is passed over', () => {
    const { mesh, n1, n3 } = hostileMesh();
    n3.post.send('n1', 'swim.news', { c: [{ ...encoded(), zone: 'eu' }], later: true });
    mesh.advance(20);
    expect(n1.state('invented1')).toBe('alive');
    expect(n1.post.refused).toBe(0);
  });
});

describe('stale gossip', () => {
  it('does not bring back the dead', () => {
    const { mesh, n1, n2, factsOf, claim, tell } = hostileMesh();
    const facts = factsOf(n2);
    n2.kill();
    mesh.advance(3000);
    tell('n1', claim(facts, 'alive'));
    expect(n1.state('n2')).toBe('dead');
    tell('n1', claim({ ...facts, incarnation: facts.incarnation + 1 }, 'alive'));
    expect(n1.state('n2')).toBe('alive');
  });

  it('of the death of strangers is not kept', () => {
    const { n1, claim, tell } = hostileMesh();
    tell('n1', claim(newcomer(1), 'dead'), claim(newcomer(2), 'left'));
    expect(n1.membership.all).toHaveLength(3);
  });
});

function encoded(): Record<string, unknown> {
  return encodeClaim({ facts: newcomer(1), state: 'alive', by: undefined }) as Record<string, unknown>;
}
