import { defineFaults } from '../../kit/fault.ts';

/** Codes of traces, usage and prices. Listed in docs/errors.md. */
export const usageFaultSpecs = {
  price_not_found: {
    source: 'client',
    retry: 'never',
    status: 404,
    summary: 'The price table has no model of this name.',
  },
  price_refused: {
    source: 'client',
    retry: 'never',
    status: 400,
    summary: 'A price cannot be kept as it was given; the message says why.',
  },
  prices_full: {
    source: 'client',
    retry: 'never',
    status: 409,
    summary: 'The cluster keeps as many changed prices as it can; take one back first.',
  },
  usage_message_malformed: {
    source: 'peer',
    retry: 'never',
    status: 502,
    summary: 'A member sent a question or an answer about usage or traces that cannot be read.',
  },
} as const;

export const usageFaults = defineFaults(usageFaultSpecs);
