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
  user_not_found: {
    source: 'client',
    retry: 'never',
    status: 404,
    summary: 'There is no user of this id; 400 where a field names one.',
  },
  username_taken: {
    source: 'client',
    retry: 'never',
    status: 409,
    summary: 'Another user has this name, in whatever case; also when both were made at two members at once.',
  },
  bad_username: {
    source: 'client',
    retry: 'never',
    status: 400,
    summary: 'The name of a user is too long, or holds what a name may not.',
  },
  weak_password: {
    source: 'client',
    retry: 'never',
    status: 400,
    summary: 'The password is too short, too long, or the name of the user.',
  },
  last_admin: {
    source: 'client',
    retry: 'never',
    status: 409,
    summary: 'The last enabled admin can be neither removed, nor disabled, nor given another role.',
  },
  key_not_found: {
    source: 'client',
    retry: 'never',
    status: 404,
    summary: 'There is no API key of this id.',
  },
  bad_key_field: {
    source: 'client',
    retry: 'never',
    status: 400,
    summary: 'A field of an API key is not what it may be; the message names it and says what is allowed.',
  },
  unknown_account: {
    source: 'client',
    retry: 'never',
    status: 400,
    summary: 'A key shall be restricted to an account that there is not.',
  },
  unknown_provider: {
    source: 'client',
    retry: 'never',
    status: 400,
    summary: 'A key shall be restricted to a provider that there is not.',
  },
  role_not_found: {
    source: 'client',
    retry: 'never',
    status: 404,
    summary: 'There is no role of this name; 400 where a field names one.',
  },
  role_built_in: {
    source: 'client',
    retry: 'never',
    status: 409,
    summary: 'The roles admin, operator, viewer and user stay as they are.',
  },
  role_in_use: {
    source: 'client',
    retry: 'never',
    status: 409,
    summary: 'A role that users or keys have cannot be removed.',
  },
  bad_role: {
    source: 'client',
    retry: 'never',
    status: 400,
    summary: 'The name of a role is none, or it names a permission that there is not.',
  },
  changed_meanwhile: {
    source: 'client',
    retry: 'never',
    status: 409,
    summary: 'Somebody else changed the same thing at another member at the same time, and that change stands.',
  },
  login_refused: {
    source: 'client',
    retry: 'never',
    status: 401,
    summary: 'User name and password do not go together, or the user is disabled.',
  },
  login_locked: {
    source: 'client',
    retry: 'after',
    status: 429,
    summary: 'Too many wrong passwords for this user or from this address, or too many logins at once.',
  },
  refresh_refused: {
    source: 'client',
    retry: 'never',
    status: 401,
    summary: 'The refresh token is none, has expired, was used before, or its session has ended.',
  },
  bad_trusted_proxy: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary: 'An entry of `trusted_proxies` is neither an IP address nor a CIDR range.',
  },
} as const;

export const authFaults = defineFaults(authFaultSpecs);
