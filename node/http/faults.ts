import { defineFaults } from '../../kit/fault.ts';

/** Codes that the listener and the management routes raise beside those of node/forward. Listed in docs/errors.md. */
export const httpFaultSpecs = {
  not_found: { source: 'client', retry: 'never', status: 404, summary: 'No route has this path.' },
  bad_http: {
    source: 'client',
    retry: 'never',
    status: 400,
    summary: 'What came over the connection is not a well-formed HTTP request; the connection is closed.',
  },
  headers_too_large: {
    source: 'client',
    retry: 'never',
    status: 431,
    summary: "The request's headers exceed the limit (32 KB); the connection is closed.",
  },
  request_timeout: {
    source: 'client',
    retry: 'never',
    status: 408,
    summary: "The request's headers or body did not arrive in time; the connection is closed.",
  },
  refresh_not_supported: {
    source: 'client',
    retry: 'never',
    status: 409,
    summary: 'The account has a plain key and no OAuth token that could be refreshed.',
  },
  cluster_off: {
    source: 'client',
    retry: 'never',
    status: 404,
    summary: 'The node runs alone, so there is no mesh to join at it.',
  },
  member_not_removed: {
    source: 'client',
    retry: 'never',
    status: 409,
    summary: 'The vote of a member could not be taken: it is none, it still lives, or there is no majority to agree.',
  },
  model_not_listed: {
    source: 'client',
    retry: 'never',
    status: 404,
    summary: 'No account lists the model that `GET /v1/models/{id}` or its Gemini twin asks for.',
  },
  trace_not_found: {
    source: 'client',
    retry: 'never',
    status: 404,
    summary: 'No member has a trace of the request: it never came, was deleted by age, or its member does not answer.',
  },
  backup_under_way: {
    source: 'client',
    retry: 'after',
    status: 409,
    summary: 'A copy of the node is being made or read already; there is one at a time.',
  },
  backup_elsewhere: {
    source: 'client',
    retry: 'never',
    status: 409,
    summary: 'What was to be copied is kept by a database server, whose own tools copy it (`pg_dump`).',
  },
  listen_failed: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary: 'The node cannot listen on the configured host and port (taken, or not permitted).',
  },
} as const;

export const httpFaults = defineFaults(httpFaultSpecs);
