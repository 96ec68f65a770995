import { defineFaults } from '../../kit/fault.ts';

/** Codes of the way through: receiving, admitting, sending. Listed in docs/errors.md. */
export const forwardFaultSpecs = {
  method_not_allowed: {
    source: 'client',
    retry: 'never',
    status: 405,
    summary: 'The path exists, but not for this HTTP method; the allowed ones stand in the Allow header.',
  },
  body_too_large: {
    source: 'client',
    retry: 'never',
    status: 413,
    summary: 'The request body exceeds `body_limit`.',
  },
  encoded_body: {
    source: 'client',
    retry: 'never',
    status: 415,
    summary: 'The request body has a content-encoding; bodies are taken uncompressed.',
  },
  address_not_allowed: {
    source: 'client',
    retry: 'never',
    status: 403,
    summary: 'The key is limited to networks, and the client is in none of them; the message names its address.',
  },
  model_not_allowed: {
    source: 'client',
    retry: 'never',
    status: 403,
    summary: 'The key is limited to models, and the one that was asked for is none of them.',
  },
  provider_not_allowed: {
    source: 'client',
    retry: 'never',
    status: 403,
    summary: 'The key is limited to providers, and the one that was asked for by name is none of them.',
  },
  memory_full: {
    source: 'node',
    retry: 'after',
    status: 503,
    summary: 'The bodies of all requests under way together exceed `held_bodies_limit`; try again shortly.',
  },
  embeddings_unsupported: {
    source: 'client',
    retry: 'never',
    status: 400,
    summary: 'No account that serves this model offers embeddings.',
  },
  upstream_unreachable: {
    source: 'upstream',
    retry: 'other-account',
    status: 502,
    penalty: 'breaker',
    summary: 'No connection to the upstream could be made.',
  },
  upstream_address_refused: {
    source: 'upstream',
    retry: 'other-account',
    status: 502,
    penalty: 'breaker',
    summary: 'The name of the upstream resolves to a link-local or metadata address, which is never dialled.',
  },
  upstream_connection_lost: {
    source: 'upstream',
    retry: 'other-account',
    status: 502,
    penalty: 'breaker',
    summary: 'The connection to the upstream broke before its answer was complete.',
  },
  upstream_timeout: {
    source: 'upstream',
    retry: 'other-account',
    status: 504,
    penalty: 'breaker',
    summary: 'The upstream sent no first byte within `request_timeout`.',
  },
  upstream_idle: {
    source: 'upstream',
    retry: 'other-account',
    status: 504,
    penalty: 'breaker',
    summary: 'The upstream fell silent in the middle of its answer for longer than `idle_timeout`.',
  },
  node_stopping: {
    source: 'node',
    retry: 'after',
    status: 503,
    summary: 'The node is shutting down and its drain time is over; another node or a later try will answer.',
  },
  internal: {
    source: 'node',
    retry: 'never',
    status: 500,
    summary: 'A defect of aiproxy itself; the log has the details under the request id.',
  },
} as const;

export const forwardFaults = defineFaults(forwardFaultSpecs);
