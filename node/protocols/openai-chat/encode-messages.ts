import type { JsonObject } from '../../../kit/json.ts';
import { pushAll } from '../../../kit/push-all.ts';
import type { Conversation, Part, TextPart, ToolCallPart, ToolResultPart } from '../../conversation/contract.ts';
import { pairToolResults } from '../../conversation/pair-tool-results.ts';
import { isBillingHeader } from '../billing-header.ts';
import type { UpstreamTraits } from '../contract.ts';
import { upstreamCallId } from './call-id.ts';
import { ownCallSignature } from './call-signature.ts';
import { encodeCall } from './encode-answer.ts';
import { type Attachment, encodeUserPart, resultAttachments, resultText } from './encode-parts.ts';

interface Progress {
  wire: JsonObject[];
  model: string;
  keepsReasoning: boolean;
  /** What neither an assistant message nor a tool message can hold; the next user message does. */
  waiting: JsonObject[];
  /** Ids under which the calls of the last assistant message went; their results follow in the same order. */
  callIds: string[];
  dropped: Set<string>;
}

/**
 * Messages in the order that this format demands: the tool messages directly after the assistant message with their
 * calls, one for each; neighbours of one role merged; a user's turn first.
 */
export function encodeMessages(
  { model, system, messages }: Pick<Conversation, 'model' | 'system' | 'messages'>,
  traits: UpstreamTraits,
  dropped: Set<string>,
): JsonObject[] {
  const keepsReasoning = traits.reasoningHistory === 'reasoning_content';
  const progress: Progress = { wire: [], model, keepsReasoning, waiting: [], callIds: [], dropped };
  const first = messages.find((message) => message.role !== 'system');
  addSystem(
    progress,
    system.filter((part) => !isBillingHeader(part)),
  );
  // Many servers' templates fail on a conversation that the assistant opens.
  if (first?.role === 'assistant') progress.wire.push({ role: 'user', content: '...' });
  for (const message of pairToolResults(messages)) {
    if (message.role === 'system') addSystem(progress, message.parts.filter(isText));
    else if (message.role === 'user') addUser(progress, message.parts);
    else addAssistant(progress, message.parts);
  }
  addUser(progress, []);
  return progress.wire;
}

function addSystem(progress: Progress, parts: readonly TextPart[]): void {
  addUser(progress, []);
  const content = joinText(parts, '\n\n');
  if (content !== '') progress.wire.push({ role: 'system', content });
}

/** Results stand before the rest of a paired message, so the tool messages come first. */
function addUser(progress: Progress, parts: readonly Part[]): void {
  const rest: Part[] = [];
  const attachments: Attachment[] = [];
  for (const part of parts) {
    if (part.type !== 'tool_result') rest.push(part);
    else {
      progress.wire.push(encodeResult(part, progress.callIds.shift() ?? upstreamCallId(part.callId)));
      pushAll(attachments, resultAttachments(part.content));
    }
  }
  const waiting = progress.waiting.splice(0);
  pushUser(progress.wire, [...waiting, ...encodeParts([...attachments, ...rest])]);
}

function encodeParts(parts: readonly Part[]): JsonObject[] {
  return parts.map((part) => encodeUserPart(part, 'messages')).filter((part) => part !== undefined);
}

/** The format has no mark for failures. */
function encodeResult(result: ToolResultPart, id: string): JsonObject {
  const text = resultText(result.content);
  const content = result.isError === true && !/^error/i.test(text) ? `Error: ${text}` : text;
  return { role: 'tool', tool_call_id: id, content };
}

/** Text alone becomes a string: not every server takes lists. */
function pushUser(wire: JsonObject[], parts: JsonObject[]): void {
  if (parts.length === 0) return;
  const last = wire.at(-1);
  if (last?.['role'] === 'user') last['content'] = flatten([...asParts(last['content']), ...parts]);
  else wire.push({ role: 'user', content: flatten(parts) });
}

function asParts(content: JsonObject[string]): JsonObject[] {
  return Array.isArray(content) ? (content as JsonObject[]) : [{ type: 'text', text: content ?? '' }];
}

function flatten(parts: JsonObject[]): string | JsonObject[] {
  if (parts.some((part) => part['type'] !== 'text')) return parts;
  return parts.map((part) => part['text']).join('\n\n');
}

function addAssistant(progress: Progress, parts: readonly Part[]): void {
  addUser(progress, []);
  const calls = parts.filter((part) => part.type === 'tool_call');
  const text = joinText(parts.filter(isText), '');
  const message: JsonObject = { role: 'assistant', content: text === '' && calls.length > 0 ? null : text };
  addReasoning(progress, message, parts);
  progress.callIds = distinctIds(calls);
  if (calls.length > 0) {
    message['tool_calls'] = calls.map((call, index) => encodePastCall(call, progress.callIds[index]!, progress.model));
  }
  const says = text !== '' || calls.length > 0 || message['reasoning_content'] !== undefined;
  if (says) progress.wire.push(message);
  progress.waiting = encodeParts(parts.filter((part) => part.type === 'image' || part.type === 'document'));
}

/** Turns that were merged may hold an id twice, where an upstream numbers its calls from 0 in every turn. */
export function distinctIds(calls: readonly ToolCallPart[]): string[] {
  const ids: string[] = [];
  for (const call of calls) {
    const id = upstreamCallId(call.id);
    ids.push(ids.includes(id) ? upstreamCallId(`${id}_${ids.length}`) : id);
  }
  return ids;
}

function encodePastCall(call: ToolCallPart, id: string, model: string): JsonObject {
  return { ...encodeCall({ ...call, id }), ...ownCallSignature(call.signature, model) };
}

function addReasoning(progress: Progress, message: JsonObject, parts: readonly Part[]): void {
  const thoughts = parts.filter((part) => part.type === 'thinking' || part.type === 'redacted_thinking');
  const text = thoughts.map((part) => (part.type === 'thinking' ? part.text : '')).join('');
  if (progress.keepsReasoning && text !== '') message['reasoning_content'] = text;
  else if (thoughts.length > 0) progress.dropped.add('messages.thinking');
}

function isText(part: Part): part is TextPart {
  return part.type === 'text';
}

function joinText(parts: readonly TextPart[], separator: string): string {
  const texts = parts.map((part) => part.text).filter((text) => text !== '');
  return texts.join(separator).toWellFormed();
}
