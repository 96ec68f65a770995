import type {
  Member,
  MemberFacts,
  Membership,
  MembershipObserver,
  MemberState,
  NodeId,
} from '../../../cluster/membership/contract.ts';

/** Membership as a test sets it. */
export class SetMembership implements Membership {
  readonly awareness = 0;
  version = 0;
  readonly #selfId: NodeId;
  readonly #members = new Map<NodeId, Member>();
  readonly #observers: MembershipObserver[] = [];
  #live: readonly Member[] = [];

  constructor(self: MemberFacts) {
    this.#selfId = self.nodeId;
    this.set(self, 'alive');
  }

  get self(): Member {
    return this.#members.get(this.#selfId) as Member;
  }

  get all(): readonly Member[] {
    return [...this.#members.values()];
  }

  get live(): readonly Member[] {
    return this.#live;
  }

  get(node: NodeId): Member | undefined {
    return this.#members.get(node);
  }

  isLive(node: NodeId): boolean {
    return this.#live.some(({ nodeId }) => nodeId === node);
  }

  observe(observer: MembershipObserver): void {
    this.#observers.push(observer);
  }

  set(facts: MemberFacts, state: MemberState): void {
    const before = this.#members.get(facts.nodeId);
    if (before?.state === state && before.incarnation === facts.incarnation) return;
    const member = { ...facts, state, isSelf: facts.nodeId === this.#selfId, lastHeardMs: undefined, rttMs: undefined };
    this.#members.set(facts.nodeId, member);
    this.#live = this.all
      .filter((each) => each.state === 'alive' || each.state === 'suspect')
      .toSorted((left, right) => (left.nodeId < right.nodeId ? -1 : 1));
    this.version++;
    for (const observer of this.#observers) observer.memberChanged?.(member, before?.state);
  }
}

export function factsOf(nodeId: NodeId, incarnation: number): MemberFacts {
  return {
    nodeId,
    peer: `peer-${nodeId}`,
    incarnation,
    address: '127.0.0.1:3000',
    meshAddresses: [],
    version: '0',
    startedAtMs: incarnation,
  };
}
