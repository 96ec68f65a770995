import type { Message } from '../../conversation/contract.ts';
import { pairToolResults } from '../../conversation/pair-tool-results.ts';
import { protocolFaults } from '../faults.ts';

/** Stands where a conversation does not begin with its user. */
const openingText = '(The conversation continues.)';

/** The service only answers a user: what is said after an answer that the client has begun. */
const prefillText = 'Continue your last message from exactly where it ends, without repeating any of it.';

/**
 * The messages as the service demands them: user first, strictly alternating, user last, every call answered by the
 * message after it in the same order, no result without its call. Throws `invalid_request` when nothing is said.
 */
export function wholeHistory(messages: readonly Message[]): Message[] {
  const paired = [...pairToolResults(messages)];
  if (paired.length === 0) {
    throw protocolFaults.invalid_request('messages: must hold at least one message with content', {
      field: 'messages',
    });
  }
  if (paired[0]!.role === 'assistant') paired.unshift(userText(openingText));
  if (paired.at(-1)!.role === 'assistant') paired.push(userText(prefillText));
  return paired;
}

function userText(text: string): Message {
  return { role: 'user', parts: [{ type: 'text', text }] };
}
