import type { Output } from '../output.ts';
import type { ClusterStatus, StatusAccount, StatusMember, StatusToken } from './cluster-status.ts';
import { tableLines } from './table-lines.ts';

/** The mesh as one node sees it, for people. */
export function printStatus(status: ClusterStatus, output: Output): void {
  output.line(headline(status, output));
  if (status.cacheEpoch !== undefined) output.line(output.dim(`cache epoch ${status.cacheEpoch}`));
  if (status.obstacle !== undefined) output.line(`not joined: ${status.obstacle}`);
  const tables = [memberTable(status.members), accountTable(status.accounts), tokenTable(status.tokens)];
  for (const [heads, ...rows] of tables.filter(({ length }) => length > 1)) {
    output.line();
    const [head = '', ...lines] = tableLines([heads ?? [], ...rows]);
    output.line(output.dim(head));
    for (const line of lines) output.line(line);
  }
}

function headline({ nodeId, leader, term, isConverged, members }: ClusterStatus, output: Output): string {
  const alive = members.filter(({ state }) => state === 'alive').length;
  const led = leader === undefined ? 'no leader' : `leader ${leader}`;
  return [
    output.strong(`${alive} of ${members.length} members alive, as ${nodeId} sees them`),
    term === undefined ? led : `${led} (term ${term})`,
    isConverged ? 'converged' : output.strong('not converged'),
  ].join('; ');
}

function memberTable(members: readonly StatusMember[]): string[][] {
  return [
    ['MEMBER', 'STATE', 'ADDRESS', 'VERSION', 'UPTIME', 'IN FLIGHT', 'LAST HEARD', 'ROUND TRIP'],
    ...members.map((member) => [
      member.isSelf ? `${member.nodeId} (self)` : member.nodeId,
      member.health === undefined || member.health === 'well' ? member.state : `${member.state}, ${member.health}`,
      member.address,
      member.version,
      member.uptimeSeconds === undefined ? '' : durationText(member.uptimeSeconds),
      String(member.inFlight ?? ''),
      member.isSelf || member.lastHeardMs === undefined ? '' : `${durationText(member.lastHeardMs / 1_000)} ago`,
      member.isSelf || member.rttMs === undefined ? '' : `${member.rttMs.toFixed(1)} ms`,
    ]),
  ];
}

function accountTable(accounts: readonly StatusAccount[]): string[][] {
  return [
    ['ACCOUNT', 'AVAILABLE', 'IN FLIGHT', 'BREAKER'],
    ...accounts.map(({ id, isAvailable, inFlight, breaker }) => [
      id,
      isAvailable ? 'yes' : 'no',
      inFlight
        .filter(([, count]) => count > 0)
        .map(byNode)
        .join(', ') || '0',
      breakerText(breaker),
    ]),
  ];
}

/** One word where all nodes agree. */
function breakerText(breaker: StatusAccount['breaker']): string {
  const states = new Set(breaker.map(([, state]) => state));
  const [state = ''] = states;
  return states.size <= 1 ? state : breaker.map(byNode).join(', ');
}

const byNode = ([node, what]: readonly [string, string | number]): string => `${node} ${what}`;

function tokenTable(tokens: readonly StatusToken[]): string[][] {
  return [
    ['TOKEN OF', 'EXPIRES', 'REFRESHED BY', 'TERM'],
    ...tokens.map(({ account, expiresAt, refreshedBy, term, needsLogin }) => [
      account,
      needsLogin ? 'needs a login' : expiresAt,
      refreshedBy,
      String(term ?? ''),
    ]),
  ];
}

/** `0.2s`, `12s`, `4m 10s`, `3h 5m`, `2d 4h`. */
export function durationText(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toFixed(1))}s`;
  const whole = Math.round(seconds);
  const units: [number, string][] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'm'],
    [1, 's'],
  ];
  const first = units.findIndex(([size]) => whole >= size);
  const [[size, unit], next] = [units[first] ?? [1, 's'], units[first + 1]];
  const rest = next === undefined ? 0 : Math.floor((whole % size) / next[0]);
  return rest === 0 ? `${Math.floor(whole / size)}${unit}` : `${Math.floor(whole / size)}${unit} ${rest}${next?.[1]}`;
}
