import type { Message } from '../../../conversation/contract.ts';

/** After as many the model must answer; the bound that Oracle's own LangChain adapter sets. */
export const callsInARowMax = 8;

/** Calls since the last message that is the user's alone; clients put reminders beside results. */
export function callsInARow(messages: readonly Message[]): number {
  let calls = 0;
  for (const { role, parts } of messages.toReversed()) {
    if (role === 'user' && !parts.some(({ type }) => type === 'tool_result')) break;
    if (role === 'assistant') calls += parts.filter(({ type }) => type === 'tool_call').length;
  }
  return calls;
}
