import type { Message, ToolCallPart, ToolResultPart } from '../../conversation/contract.ts';

export interface PairedResults {
  /** The result of each call; a call without one was cut off by the client. */
  readonly resultOf: ReadonlyMap<ToolCallPart, ToolResultPart>;
  /** Results whose call is not in the history (cut at its start), or not before them. */
  readonly orphans: ReadonlySet<ToolResultPart>;
}

/**
 * Finds the result of every call. Ids may come again in later turns (upstreams number from 0 each time), so a result
 * belongs to the latest call with its id before it; of several results for a call the last counts.
 */
export function pairResults(messages: readonly Message[]): PairedResults {
  const latestCall = new Map<string, ToolCallPart>();
  const resultOf = new Map<ToolCallPart, ToolResultPart>();
  const orphans = new Set<ToolResultPart>();
  for (const part of messages.flatMap((message) => message.parts)) {
    if (part.type === 'tool_call') latestCall.set(part.id, part);
    if (part.type !== 'tool_result') continue;
    const call = latestCall.get(part.callId);
    if (call === undefined) orphans.add(part);
    else resultOf.set(call, part);
  }
  return { resultOf, orphans };
}
