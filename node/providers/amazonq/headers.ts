import { flatHeaders } from '../account-headers.ts';
import type { AmazonqCredential } from './credential.ts';

/** The operating system that requests tell of, whatever this one is. */
export const operatingSystem = 'linux';

const agent = (api: string, mark: string) =>
  `aws-sdk-rust/1.3.9 ua/2.1 api/${api}/0.1.11582 os/${operatingSystem} lang/rust/1.87.0 ${mark} app/AmazonQ-For-CLI`;

/** What every request carries beside its target and its token: names and values. */
export function accountHeaders({
  opt_out,
  user_agent,
  amz_user_agent,
}: AmazonqCredential): ReadonlyMap<string, string> {
  return new Map([
    ['x-amzn-codewhisperer-optout', String(opt_out)],
    ['user-agent', user_agent ?? agent('codewhispererstreaming', 'md/appVersion-1.19.3')],
    ['x-amz-user-agent', amz_user_agent ?? agent('codewhispererstreaming', 'm/F')],
    ['amz-sdk-request', 'attempt=1; max=3'],
  ]);
}

/** Those of a call of one operation, as a flat list. */
export function operationHeaders(own: ReadonlyMap<string, string>, target: string): string[] {
  return flatHeaders([
    ['content-type', 'application/x-amz-json-1.0'],
    ['accept', '*/*'],
    ['x-amz-target', target],
    ...own,
  ]);
}
