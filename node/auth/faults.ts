import { defineFaults } from '../../kit/fault.ts';

/** Codes about who is calling. Listed in docs/errors.md. */
export const authFaultSpecs = {
  missing_credential: {
    source: 'client',
    retry: 'never',
    status: 401,
    summary: 'The call carries no key: none in Authorization, x-api-key, x-goog-api-key, api-key or ?key=.',
  },
  bad_credential: {
    source: 'client',
    retry: 'never',
    status: 401,
    summary: 'The call carries a key, but none that this node knows.',
  },
  permission_denied: {
    source: 'client',
    retry: 'never',
    status: 403,
    summary: 'The key is known but lacks the permission that the call needs; the message names it.',
  },
  bad_trusted_proxy: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary: 'An entry of `trusted_proxies` is neither an IP address nor a CIDR range.',
  },
} as const;

export const authFaults = defineFaults(authFaultSpecs);
