import { refused } from './device-flow.ts';
import { providerFaults } from './faults.ts';

/**
 * The code with which a login service sent the browser back (RFC 6749, 4.1.2); `state` is what the login began with.
 * Throws `login_failed`.
 */
export function redirectCode(parameters: URLSearchParams, state: string): string {
  const error = parameters.get('error');
  if (error !== null) throw refused(error, 400);
  if (parameters.get('state') !== state) {
    throw providerFaults.login_failed('the browser came back with the state of another login; start again');
  }
  const code = parameters.get('code');
  if (code === null || code === '') throw providerFaults.login_failed('the browser came back without a code');
  return code;
}
