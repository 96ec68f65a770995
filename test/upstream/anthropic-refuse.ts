import { anthropicError } from './anthropic-errors.ts';
import { Refusal } from './refusal.ts';

/** Refuses as the Messages API does for a body that does not fit its schema. */
export function refuse(message: string): never {
  throw new Refusal(anthropicError(400, 'invalid_request_error', message));
}
