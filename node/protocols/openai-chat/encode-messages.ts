import type { JsonObject } from '../../../kit/json.ts';
import type {
  Conversation,
  Part,
  Message,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../conversation/contract.ts';
import type { UpstreamTraits } from '../contract.ts';
import { join } from '../fields.ts';
import { upstreamCallId } from './call-id.ts';
import { ownCallSignature } from './call-signature.ts';
import { encodeCall } from './encode-answer.ts';
import { type Attachment, encodeUserPart, resultAttachments, resultText } from './encode-parts.ts';
import { pairResults, type PairedResults } from './pair-results.ts';

interface Progress {
  wire: JsonObject[];
  pairs: PairedResults;
  model: string;
  keepsReasoning: boolean;
  dropped: Set<string>;
}

/**
 * Messages in the order that this format demands: the tool messages directly after the assistant message with their
 * calls, one for each; neighbours of the user merged; a user's turn first.
 */
export function encodeMessages(
  { model, system, messages }: Pick<Conversation, 'model' | 'system' | 'messages'>,
  traits: UpstreamTraits,
  dropped: Set<string>,
): JsonObject[] {
  const keepsReasoning = traits.reasoningHistory === 'reasoning_content';
  const progress: Progress = { wire: [], model, pairs: pairResults(messages), keepsReasoning, dropped };
  const first = messages.find((message) => message.role !== 'system');
  addSystem(
    progress,
    system.filter((part) => !isBillingHeader(part)),
  );
  // Many servers' templates fail on a conversation that the assistant opens.
  if (first?.role === 'assistant') progress.wire.push({ role: 'user', content: '...' });
  messages.forEach((message, index) => addMessage(progress, message, join('messages', index)));
  return progress.wire;
}

/**
 * Claude Code's first system block holds a hash that changes with every request and would spoil the upstream's prefix
 * cache (musistudio/claude-code-router#1343, anthropics/claude-code#68900).
 */
function isBillingHeader(part: TextPart): boolean {
  return part.text.startsWith('x-anthropic-billing-header:');
}

function addMessage(progress: Progress, message: Message, path: string): void {
  if (message.role === 'system') addSystem(progress, message.parts.filter(isText));
  else if (message.role === 'user') addUser(progress, message.parts, path);
  else addAssistant(progress, message.parts, path);
}

function addSystem(progress: Progress, parts: readonly TextPart[]): void {
  const content = joinText(parts, '\n\n');
  if (content !== '') progress.wire.push({ role: 'system', content });
}

function addUser(progress: Progress, parts: readonly Part[], path: string): void {
  const encoded = parts.map((part) =>
    part.type === 'tool_result' ? orphanText(progress, part) : encodeUserPart(part, path),
  );
  pushUser(
    progress.wire,
    encoded.filter((part) => part !== undefined),
  );
}

/** A result whose call is gone would be refused; what it says is kept as text. Paired ones stand elsewhere. */
function orphanText(progress: Progress, result: ToolResultPart): JsonObject | undefined {
  if (!progress.pairs.orphans.has(result)) return undefined;
  return { type: 'text', text: `[result of an earlier tool call]\n${contentOf(result)}` };
}

/** Text alone becomes a string: not every server takes lists. */
function pushUser(wire: JsonObject[], parts: JsonObject[]): void {
  if (parts.length === 0) return;
  const last = wire.at(-1);
  const before = last?.['role'] === 'user' ? asParts(last['content']) : [];
  if (last !== undefined && before.length > 0) last['content'] = flatten([...before, ...parts]);
  else wire.push({ role: 'user', content: flatten(parts) });
}

function asParts(content: JsonObject[string]): JsonObject[] {
  return Array.isArray(content) ? (content as JsonObject[]) : [{ type: 'text', text: content ?? '' }];
}

function flatten(parts: JsonObject[]): string | JsonObject[] {
  if (parts.some((part) => part['type'] !== 'text')) return parts;
  return parts.map((part) => part['text']).join('\n\n');
}

function addAssistant(progress: Progress, parts: readonly Part[], path: string): void {
  const calls = parts.filter((part) => part.type === 'tool_call');
  const text = joinText(parts.filter(isText), '');
  const message: JsonObject = { role: 'assistant', content: text === '' && calls.length > 0 ? null : text };
  addReasoning(progress, message, parts);
  if (calls.length > 0) {
    message['tool_calls'] = calls.map((call) => encodePastCall(call, progress.model));
  }
  const says = text !== '' || calls.length > 0 || message['reasoning_content'] !== undefined;
  if (says) pushAssistant(progress.wire, message);
  const attachments: Attachment[] = parts.filter((part) => part.type === 'image' || part.type === 'document');
  for (const call of calls) attachments.push(...addResult(progress, call));
  // Pictures fit neither an assistant message nor a tool message.
  pushUser(
    progress.wire,
    attachments.map((part) => encodeUserPart(part, path)).filter((part) => part !== undefined),
  );
}

function encodePastCall(call: ToolCallPart, model: string): JsonObject {
  return { ...encodeCall({ ...call, id: upstreamCallId(call.id) }), ...ownCallSignature(call.signature, model) };
}

function addReasoning(progress: Progress, message: JsonObject, parts: readonly Part[]): void {
  const thoughts = parts.filter((part) => part.type === 'thinking' || part.type === 'redacted_thinking');
  const text = thoughts.map((part) => (part.type === 'thinking' ? part.text : '')).join('');
  if (progress.keepsReasoning && text !== '') message['reasoning_content'] = text;
  else if (thoughts.length > 0) progress.dropped.add('messages.thinking');
}

function pushAssistant(wire: JsonObject[], message: JsonObject): void {
  const last = wire.at(-1);
  if (last?.['role'] !== 'assistant' || last['tool_calls'] !== undefined) {
    wire.push(message);
    return;
  }
  const text = `${last['content'] ?? ''}${message['content'] ?? ''}`;
  Object.assign(last, message, { content: text });
}

/** Adds the tool message of a call; gives back what must follow in a user message. */
function addResult(progress: Progress, call: ToolCallPart): Attachment[] {
  const result = progress.pairs.resultOf.get(call);
  const content = result === undefined ? 'Error: the call was not answered.' : contentOf(result);
  progress.wire.push({ role: 'tool', tool_call_id: upstreamCallId(call.id), content });
  return result === undefined ? [] : resultAttachments(result.content);
}

/** The format has no mark for failures. */
function contentOf(result: ToolResultPart): string {
  const text = resultText(result.content);
  return result.isError === true && !/^error/i.test(text) ? `Error: ${text}` : text;
}

function isText(part: Part): part is TextPart {
  return part.type === 'text';
}

function joinText(parts: readonly TextPart[], separator: string): string {
  const texts = parts.map((part) => part.text).filter((text) => text !== '');
  return texts.join(separator).toWellFormed();
}
