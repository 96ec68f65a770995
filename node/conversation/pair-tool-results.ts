import { pushAll } from '../../kit/push-all.ts';
import type { Message, Part, ToolCallPart, ToolResultPart } from './contract.ts';

/**
 * Messages in which every tool call is answered by the message that follows it, and every result follows its call, as
 * all upstreams demand and clients that cut their history do not always send:
 * - results go right behind the message with their calls, in the order of the calls, before whatever else the user says;
 * - of several results for one call the last one counts;
 * - a call without a result gets one that says so;
 * - a result without its call becomes user text.
 * Neighbours of one role are merged, system messages stay in their place, empty messages go. The input is left as it is.
 */
export function pairToolResults(messages: readonly Message[]): readonly Message[] {
  if (isPlain(messages)) return messages;
  const merged: Message[] = [];
  for (const message of messages) append(merged, message.role, message.parts);
  const index = new ResultIndex(merged);
  const paired: Message[] = [];
  merged.forEach((message, position) => {
    append(
      paired,
      message.role,
      message.parts.flatMap((part) => index.withoutResults(part)),
    );
    if (message.role !== 'assistant') return;
    const calls = message.parts.filter((part): part is ToolCallPart => part.type === 'tool_call');
    append(
      paired,
      'user',
      calls.map((call) => index.resultOf(call, position)),
    );
  });
  return paired;
}

/** Most conversations of chats: nothing to pair, nothing to merge, nothing empty. */
function isPlain(messages: readonly Message[]): boolean {
  let before: Message['role'] | undefined;
  for (const { role, parts } of messages) {
    if (role === before || parts.length === 0) return false;
    for (const { type } of parts) if (type === 'tool_call' || type === 'tool_result') return false;
    before = role;
  }
  return true;
}

/** The last message takes the parts when it has the role. */
function append(messages: Message[], role: Message['role'], parts: readonly Part[]): void {
  if (parts.length === 0) return;
  const last = messages.at(-1);
  if (last?.role === role) pushAll(last.parts, parts);
  else messages.push({ role, parts: [...parts] });
}

/** Finds the result of a call, also where a client uses an id again in a later turn. */
class ResultIndex {
  readonly #results = new Map<string, { position: number; part: ToolResultPart }[]>();
  readonly #calls = new Map<string, { position: number }[]>();

  constructor(messages: readonly Message[]) {
    messages.forEach((message, position) => {
      for (const part of message.parts) {
        if (part.type === 'tool_call') noteAt(this.#calls, part.id, { position });
        else if (part.type === 'tool_result') noteAt(this.#results, part.callId, { position, part });
      }
    });
  }

  /** The part itself; nothing for a result whose call is there, since it is put behind that call. */
  withoutResults(part: Part): readonly Part[] {
    if (part.type !== 'tool_result') return [part];
    return this.#calls.has(part.callId) ? [] : orphanText(part);
  }

  /** The last result before the id is used again; any result where the id is used once. */
  resultOf(call: ToolCallPart, position: number): ToolResultPart {
    const results = this.#results.get(call.id) ?? [];
    const uses = this.#calls.get(call.id) ?? [];
    const nextUse = uses[firstBehind(uses, position)]?.position ?? Infinity;
    const last = results[firstBehind(results, nextUse - 1) - 1];
    const inTurn = last !== undefined && last.position > position ? last : undefined;
    const found = inTurn ?? (uses.length === 1 ? results.at(-1) : undefined);
    return found?.part ?? missingResult(call);
  }
}

/** Index of the first item behind this position; by halves, since a client may use one id in every turn. */
function firstBehind(items: readonly { position: number }[], position: number): number {
  let [from, to] = [0, items.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (items[middle]!.position > position) to = middle;
    else from = middle + 1;
  }
  return from;
}

function noteAt<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function missingResult(call: ToolCallPart): ToolResultPart {
  return {
    type: 'tool_result',
    callId: call.id,
    name: call.name,
    content: [{ type: 'text', text: 'No result: the call was not carried out.' }],
    isError: true,
  };
}

function orphanText(result: ToolResultPart): Part[] {
  const label = `Result of an earlier tool call${result.name === undefined ? '' : ` (${result.name})`}:`;
  return [{ type: 'text', text: label }, ...result.content];
}
