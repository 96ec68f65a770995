import { entriesOf, field, listOf, numberOf, textOf } from '../admin/json-fields.ts';

/** A member as `GET /cluster/status` tells of it. */
export interface StatusMember {
  nodeId: string;
  address: string;
  state: string;
  isSelf: boolean;
  /** What it says of itself: joining, well, own_network, draining. */
  health: string | undefined;
  version: string;
  uptimeSeconds: number | undefined;
  inFlight: number | undefined;
  lastHeardMs: number | undefined;
  rttMs: number | undefined;
}

export interface StatusAccount {
  id: string;
  isAvailable: boolean;
  /** By node. */
  inFlight: [string, number][];
  breaker: [string, string][];
}

export interface StatusToken {
  account: string;
  expiresAt: string;
  refreshedBy: string;
  term: number | undefined;
  /** Nobody can refresh it any more: a person has to log in. */
  needsLogin: boolean;
}

export interface ClusterStatus {
  nodeId: string;
  leader: string | undefined;
  term: number | undefined;
  isConverged: boolean;
  /** What keeps the node from joining. */
  obstacle: string | undefined;
  cacheEpoch: string | undefined;
  version: string;
  members: StatusMember[];
  accounts: StatusAccount[];
  tokens: StatusToken[];
}

/** Reads the answer of a node of any version: fields that it does not have are left out, further ones ignored. */
export function readStatus(answer: unknown): ClusterStatus {
  return {
    nodeId: textOf(field(answer, 'node_id')) ?? '?',
    leader: textOf(field(answer, 'leader')),
    term: numberOf(field(answer, 'term')),
    isConverged: field(answer, 'converged') === true,
    obstacle: textOf(field(answer, 'obstacle')),
    cacheEpoch: textOf(field(answer, 'cache_epoch')),
    version: textOf(field(answer, 'version')) ?? '?',
    members: listOf(field(answer, 'members')).map(readMember),
    accounts: listOf(field(answer, 'accounts')).map(readAccount),
    tokens: listOf(field(answer, 'tokens')).map(readToken),
  };
}

function readMember(member: unknown): StatusMember {
  return {
    nodeId: textOf(field(member, 'node_id')) ?? '?',
    address: textOf(field(member, 'address')) ?? '',
    state: textOf(field(member, 'state')) ?? '?',
    isSelf: field(member, 'self') === true,
    health: textOf(field(member, 'health')),
    version: textOf(field(member, 'version')) ?? '?',
    uptimeSeconds: numberOf(field(member, 'uptime_seconds')),
    inFlight: numberOf(field(member, 'in_flight')),
    lastHeardMs: numberOf(field(member, 'last_heard_ms')),
    rttMs: numberOf(field(member, 'rtt_ms')),
  };
}

function readAccount(account: unknown): StatusAccount {
  return {
    id: textOf(field(account, 'id')) ?? '?',
    isAvailable: field(account, 'available') === true,
    inFlight: entriesOf(field(account, 'in_flight')).map(([node, count]) => [node, numberOf(count) ?? 0]),
    breaker: entriesOf(field(account, 'breaker')).map(([node, state]) => [node, String(state)]),
  };
}

function readToken(token: unknown): StatusToken {
  return {
    account: textOf(field(token, 'account')) ?? '?',
    expiresAt: textOf(field(token, 'expires_at')) ?? '',
    refreshedBy: textOf(field(token, 'refreshed_by')) ?? '',
    term: numberOf(field(token, 'term')),
    needsLogin: field(token, 'needs_login') === true,
  };
}
