import { flatHeaders } from '../account-headers.ts';
import type { KiroCredential } from './credential.ts';
import type { LoginKind } from './identity.ts';

/** The system that requests tell of, whatever this one is. */
const system = 'os/linux#6.8.0 lang/js md/nodejs#22.21.1';

/** What every request carries beside its token: names and values. */
export function accountHeaders(
  { client_version, sdk_version, agent_mode, opt_out }: KiroCredential,
  kind: LoginKind,
  machineId: string,
): ReadonlyMap<string, string> {
  const client = `KiroIDE-${client_version}-${machineId}`;
  const headers = new Map([
    ['x-amzn-kiro-agent-mode', agent_mode],
    ['x-amzn-codewhisperer-optout', String(opt_out)],
    [
      'user-agent',
      `aws-sdk-js/${sdk_version} ua/2.1 ${system} api/codewhispererstreaming#${sdk_version} m/E ${client}`,
    ],
    ['x-amz-user-agent', `aws-sdk-js/${sdk_version} ${client}`],
    ['amz-sdk-request', 'attempt=1; max=3'],
  ]);
  if (kind === 'api_key') headers.set('tokentype', 'API_KEY');
  return headers;
}

/** Those of a conversation, as a flat list. */
export function chatHeaders(own: ReadonlyMap<string, string>): string[] {
  return flatHeaders([['content-type', 'application/json'], ['accept', '*/*'], ...own]);
}

/** Those of a side call; `more` says of what kind its body is. */
export function sideHeaders(
  own: ReadonlyMap<string, string>,
  more: readonly (readonly [string, string])[] = [],
): string[] {
  return flatHeaders([['accept', 'application/json'], ...own, ...more, ['amz-sdk-request', 'attempt=1; max=1']]);
}
