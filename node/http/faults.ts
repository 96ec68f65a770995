import { defineFaults } from '../../kit/fault.ts';

/** Codes that the listener and the management routes raise. Listed in docs/errors.md. */
export const httpFaultSpecs = {
  not_found: { source: 'client', retry: 'never', status: 404, summary: 'No route has this path.' },
  method_not_allowed: {
    source: 'client',
    retry: 'never',
    status: 405,
    summary: 'The path exists, but not with this method; the `allow` header lists those that do.',
  },
  body_too_large: {
    source: 'client',
    retry: 'never',
    status: 413,
    summary: 'The body of a management call exceeds 1 MB.',
  },
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
  model_not_listed: {
    source: 'client',
    retry: 'never',
    status: 404,
    summary: 'No account lists the model that `GET /v1/models/{id}` or its Gemini twin asks for.',
  },
  internal_error: {
    source: 'node',
    retry: 'never',
    status: 500,
    summary: 'A bug in the node; the log has the details under the request id.',
  },
  listen_failed: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary: 'The node cannot listen on the configured host and port (taken, or not permitted).',
  },
} as const;

export const httpFaults = defineFaults(httpFaultSpecs);
