import { defineFaults } from '../../kit/fault.ts';

/** Codes of refreshing OAuth tokens. Listed in docs/errors.md. */
export const tokenFaultSpecs = {
  token_needs_login: {
    source: 'upstream',
    retry: 'never',
    status: 409,
    summary: 'The login service refused the refresh token for good: the account needs new credentials.',
  },
  token_service_busy: {
    source: 'upstream',
    retry: 'after',
    status: 503,
    summary: 'The login service asks for patience (429, `slow_down`); the token is refreshed later.',
  },
  token_service_failed: {
    source: 'upstream',
    retry: 'after',
    status: 502,
    summary: 'The login service failed, refused without a reason that would end the login, or could not be reached.',
  },
  token_answer_malformed: {
    source: 'upstream',
    retry: 'after',
    status: 502,
    summary: 'The login service answered with something that is no token: a page, a redirect, a cut or oversized body.',
  },
  token_outcome_unknown: {
    source: 'upstream',
    retry: 'after',
    status: 504,
    summary:
      'The connection to the login service broke after the refresh token was sent: whether it was spent is not known.',
  },
  token_no_leader: {
    source: 'node',
    retry: 'after',
    status: 503,
    summary: 'Nobody may refresh tokens now: the cluster has no leader, or the leader cannot reach a majority.',
  },
  token_refresh_pending: {
    source: 'node',
    retry: 'after',
    status: 504,
    summary: 'The refresh has not ended in time; it goes on, and its token is used once it comes.',
  },
  token_message_malformed: {
    source: 'peer',
    retry: 'never',
    status: 400,
    summary: 'Another node asked for a refresh in a form that is not understood.',
  },
} as const;

export const tokenFaults = defineFaults(tokenFaultSpecs);
