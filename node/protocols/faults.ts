import { defineFaults } from '../../kit/fault.ts';

/** Codes that decoding a client's request or an upstream's answer can raise. Listed in docs/errors.md. */
export const protocolFaultSpecs = {
  invalid_json: {
    source: 'client',
    retry: 'never',
    status: 400,
    summary: 'The request body is not well-formed JSON with an object at its root.',
  },
  invalid_request: {
    source: 'client',
    retry: 'never',
    status: 400,
    summary: 'A field of the request has a wrong type or value; the message names the field and what is allowed.',
  },
  unsupported_field: {
    source: 'client',
    retry: 'never',
    status: 400,
    summary: 'A field of the request cannot be carried to the provider that serves this model and must not be dropped.',
  },
  upstream_bad_answer: {
    source: 'upstream',
    retry: 'other-account',
    status: 502,
    penalty: 'breaker',
    summary: 'The upstream answered 200 with something that is not an answer of its format.',
  },
  upstream_truncated: {
    source: 'upstream',
    retry: 'other-account',
    status: 502,
    penalty: 'breaker',
    summary: 'The upstream closed before its answer was complete.',
  },
  upstream_event_too_large: {
    source: 'upstream',
    retry: 'other-account',
    status: 502,
    penalty: 'breaker',
    summary: 'A single event of the upstream exceeded the size that a node holds.',
  },
  upstream_error: {
    source: 'upstream',
    retry: 'other-account',
    status: 502,
    penalty: 'breaker',
    summary: 'The upstream failed (5xx, or an error event inside a 200 stream).',
  },
  upstream_overloaded: {
    source: 'upstream',
    retry: 'other-account',
    status: 503,
    summary: 'The upstream is out of capacity (503/529 overloaded); the account is not to blame.',
  },
  upstream_rate_limited: {
    source: 'upstream',
    retry: 'after',
    status: 429,
    penalty: 'rest',
    summary: 'The upstream answered 429; the account rests for Retry-After or until its reset time.',
  },
  upstream_unauthorised: {
    source: 'upstream',
    retry: 'other-account',
    status: 502,
    penalty: 'breaker',
    summary: "The upstream refused the account's credential (401/403). Never shown to the client as 401.",
  },
  upstream_account_suspended: {
    source: 'upstream',
    retry: 'other-account',
    status: 502,
    penalty: 'disable',
    summary: 'The provider has suspended the account; it is disabled until a person has settled that and enables it.',
  },
  upstream_not_entitled: {
    source: 'upstream',
    retry: 'other-account',
    status: 502,
    penalty: 'disable',
    summary: "The account's plan does not include this service any more; it is disabled until a person enables it.",
  },
  upstream_action_required: {
    source: 'upstream',
    retry: 'other-account',
    status: 502,
    penalty: 'disable',
    summary:
      'The provider wants something of the owner of the account (a validation, a consent, a project); the message says what.',
  },
  upstream_model_not_found: {
    source: 'upstream',
    retry: 'other-account',
    status: 404,
    summary: 'The upstream does not know the model, although the account takes its name.',
  },
  upstream_rejected: {
    source: 'client',
    retry: 'never',
    status: 400,
    summary: "The upstream found the client's request at fault (4xx); its message is passed on without secrets.",
  },
  context_too_long: {
    source: 'client',
    retry: 'never',
    status: 400,
    summary:
      'The prompt exceeds the model\'s context window. Anthropic clients see "prompt is too long", OpenAI clients `context_length_exceeded`.',
  },
} as const;

export const protocolFaults = defineFaults(protocolFaultSpecs);
