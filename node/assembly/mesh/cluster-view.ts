import type { Mesh } from '../../../cluster/contract.ts';
import type { Member } from '../../../cluster/membership/contract.ts';
import type { Clock } from '../../../kit/clock.ts';
import type { Account } from '../../accounts/contract.ts';
import type { Accounts } from '../../accounts/directory.ts';
import type { ClusterStatus, TokenStatus } from '../../http/routes/cluster-shapes.ts';
import { breakerAt } from './breakers-here.ts';
import { loadPrefix, nodeLoadKey } from './keys.ts';

export interface ClusterViewParts {
  readonly mesh: Pick<Mesh, 'self' | 'leadership' | 'joining' | 'members' | 'state' | 'isConverged'>;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly version: string;
  /** Requests that this node serves now. */
  readonly inFlight: () => number;
  readonly cacheEpoch: () => string;
  readonly tokens: () => readonly TokenStatus[];
}

/** The cluster as this node sees it, for `GET /cluster/status`. */
export class ClusterView {
  readonly #parts: ClusterViewParts;

  constructor(parts: ClusterViewParts) {
    this.#parts = parts;
  }

  status(): ClusterStatus {
    const { mesh, accounts, version, cacheEpoch, tokens } = this.#parts;
    const { leadership } = mesh;
    return {
      node_id: mesh.self,
      leader: leadership.leader ?? null,
      term: leadership.term,
      converged: mesh.isConverged(),
      joined: mesh.joining.isJoined,
      obstacle: mesh.joining.obstacle ?? null,
      cache_epoch: cacheEpoch(),
      version,
      voters: [...(leadership.config?.voters ?? [])],
      members: mesh.members.all.map((member) => this.#member(member)),
      accounts: accounts.all.map((account) => this.#account(account)),
      tokens: [...tokens()],
    };
  }

  #member(member: Member): ClusterStatus['members'][number] {
    const { clock, inFlight, mesh } = this.#parts;
    const { nodeId, address, state, isSelf, version, startedAtMs, lastHeardMs, rttMs } = member;
    const said = mesh.state.get(nodeId, nodeLoadKey);
    const health = mesh.state.get(nodeId, 'mesh/health');
    return {
      node_id: nodeId,
      address,
      state,
      self: isSelf,
      health: typeof health === 'string' ? health : null,
      version,
      uptime_seconds: Math.max(0, Math.floor((clock.nowMs() - startedAtMs) / 1000)),
      in_flight: isSelf ? inFlight() : typeof said === 'number' ? said : 0,
      last_heard_ms: isSelf ? 0 : lastHeardMs === undefined ? null : Math.round(clock.monotonicMs() - lastHeardMs),
      rtt_ms: isSelf ? 0 : rttMs === undefined ? null : Math.round(rttMs * 1000) / 1000,
    };
  }

  #account(account: Account): ClusterStatus['accounts'][number] {
    const { mesh, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const inFlight: Record<string, number> = {};
    const breaker: Record<string, string> = {};
    for (const { nodeId, isSelf } of mesh.members.live) {
      const load = isSelf ? account.inFlight : firstNumber(mesh.state.get(nodeId, loadPrefix + account.id));
      inFlight[nodeId] = load;
      breaker[nodeId] = isSelf ? account.breakerState(nowMs) : breakerAt(mesh.state, nodeId, account.id, nowMs);
    }
    return {
      id: account.id,
      available:
        account.enabled &&
        account.upstream !== undefined &&
        account.breakerState(nowMs) !== 'open' &&
        account.restsUntilMs(nowMs) === undefined,
      in_flight: inFlight,
      breaker,
    };
  }
}

function firstNumber(value: unknown): number {
  const first: unknown = Array.isArray(value) ? value[0] : 0;
  return typeof first === 'number' ? first : 0;
}
