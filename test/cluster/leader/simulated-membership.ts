import type {
  Member,
  Membership,
  MembershipObserver,
  MemberState,
  NodeId,
} from '../../../cluster/membership/contract.ts';

/** Who is here in the eyes of one node, as the test says. */
export class SimulatedMembership implements Membership {
  readonly heardAt = new Map<NodeId, number>();
  readonly awareness = 0;
  readonly self: Member;
  version = 1;
  #all: readonly Member[];
  readonly #observers: MembershipObserver[] = [];

  constructor(self: NodeId, incarnation: number) {
    this.self = { ...memberOf(self, 'alive', incarnation), isSelf: true };
    this.#all = [this.self];
  }

  get all(): readonly Member[] {
    return this.#all;
  }

  get live(): readonly Member[] {
    return this.#all
      .filter(({ state }) => state === 'alive')
      .toSorted((one, other) => (one.nodeId < other.nodeId ? -1 : 1));
  }

  get(node: NodeId): Member | undefined {
    return this.#all.find(({ nodeId }) => nodeId === node);
  }

  isLive(node: NodeId): boolean {
    return this.get(node)?.state === 'alive';
  }

  observe(observer: MembershipObserver): void {
    this.#observers.push(observer);
  }

  say(node: NodeId, state: MemberState): void {
    const before = this.get(node);
    const incarnation = (before?.incarnation ?? 0) + (state === 'alive' ? 1 : 0);
    const member = memberOf(node, state, incarnation);
    this.#all = [...this.#all.filter(({ nodeId }) => nodeId !== node), member];
    this.version++;
    for (const observer of this.#observers) observer.memberChanged?.(member, before?.state);
  }
}

function memberOf(nodeId: NodeId, state: MemberState, incarnation: number): Member {
  return {
    nodeId,
    peer: nodeId,
    incarnation,
    address: nodeId,
    meshAddresses: [],
    version: '0',
    startedAtMs: 0,
    state,
    isSelf: false,
    lastHeardMs: undefined,
    rttMs: undefined,
  };
}
