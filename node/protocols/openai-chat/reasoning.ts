import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { Part, RedactedThinkingPart, TextPart, ThinkingPart } from '../../conversation/contract.ts';
import { exportSignature, importSignature } from '../../conversation/signature.ts';

/**
 * Reasoning has no field in the format itself. Two conventions are read and written:
 *   text        `reasoning_content` (DeepSeek, Qwen, xAI, vLLM) or `reasoning` (OpenRouter, Ollama)
 *   signatures  `reasoning_details` (OpenRouter): {type: reasoning.text, text, signature},
 *               {type: reasoning.summary, summary}, {type: reasoning.encrypted, data}
 * Upstreams that send both repeat the text, so the details' text wins and the plain field only fills in for it.
 */
export function decodeReasoning(message: JsonObject): (ThinkingPart | RedactedThinkingPart)[] {
  const plain = plainReasoning(message);
  const parts = detailParts(message['reasoning_details']);
  const hasText = parts.some((part) => part.type === 'thinking' && part.text !== '');
  if (hasText || plain === '') return parts;
  const signed = parts.find((part): part is ThinkingPart => part.type === 'thinking');
  if (signed === undefined) return [{ type: 'thinking', text: plain }, ...parts];
  // A client that glued our stream together has the text in one field and its signature in the other.
  signed.text = plain;
  return parts;
}

/** The plain text of a message or a delta, '' when there is none. */
export function plainReasoning(from: JsonObject): string {
  const content = from['reasoning_content'];
  if (typeof content === 'string' && content !== '') return content;
  const reasoning = from['reasoning'];
  return typeof reasoning === 'string' ? reasoning : '';
}

/** Adjacent details with the same index are pieces of one block. */
function detailParts(details: Json | undefined): (ThinkingPart | RedactedThinkingPart)[] {
  if (!Array.isArray(details)) return [];
  const parts: (ThinkingPart | RedactedThinkingPart)[] = [];
  let lastIndex: Json | undefined;
  for (const detail of details) {
    const part = decodeReasoningDetail(detail);
    if (part === undefined || !isJsonObject(detail)) continue;
    const last = parts.at(-1);
    const index = detail['index'];
    const continues = index !== undefined && index === lastIndex;
    lastIndex = index;
    if (continues && last?.type === 'thinking' && part.type === 'thinking') append(last, part);
    else parts.push(part);
  }
  return parts;
}

function append(last: ThinkingPart, more: ThinkingPart): void {
  last.text += more.text;
  if (more.signature !== undefined) last.signature = more.signature;
}

/** One detail of a message or of a delta; undefined when it holds nothing that is known. */
export function decodeReasoningDetail(detail: Json): ThinkingPart | RedactedThinkingPart | undefined {
  if (!isJsonObject(detail)) return undefined;
  const data = detail['data'];
  if (detail['type'] === 'reasoning.encrypted') {
    const imported = importSignature('openai', typeof data === 'string' ? data : undefined);
    return imported === undefined ? undefined : { type: 'redacted_thinking', data: imported };
  }
  const text = detail['text'] ?? detail['summary'];
  const sent = detail['signature'];
  const signature = importSignature('openai', typeof sent === 'string' ? sent : undefined);
  const part: ThinkingPart = { type: 'thinking', text: typeof text === 'string' ? text : '' };
  if (signature !== undefined) part.signature = signature;
  return part.text === '' && part.signature === undefined ? undefined : part;
}

/** Fields for a complete message; details only where there is something that plain text cannot hold. */
export function encodeReasoning(parts: readonly Part[]): JsonObject {
  const blocks = parts.filter(isReasoning);
  const text = blocks.map((part) => (part.type === 'thinking' ? part.text : '')).join('');
  const encoded: JsonObject = text === '' ? {} : { reasoning_content: text };
  const needsDetails = blocks.length > 1 || blocks.some((part) => part.type !== 'thinking' || part.signature);
  if (needsDetails) encoded['reasoning_details'] = blocks.map((part, index) => encodeReasoningDetail(part, index));
  return encoded;
}

/** For a client, who hands it back: what is signed carries its origin. */
export function encodeReasoningDetail(part: ThinkingPart | RedactedThinkingPart, index: number): JsonObject {
  if (part.type === 'redacted_thinking') {
    return { type: 'reasoning.encrypted', data: exportSignature('openai', part.data), index };
  }
  const signature = exportSignature('openai', part.signature);
  const detail: JsonObject = { type: 'reasoning.text', text: part.text, index };
  if (signature !== undefined) detail['signature'] = signature;
  return detail;
}

export function isReasoning(part: Part): part is ThinkingPart | RedactedThinkingPart {
  return part.type === 'thinking' || part.type === 'redacted_thinking';
}

/** Content of an answer: a string, or Mistral's list of `text` and `thinking` pieces. Empty text makes no part. */
export function decodeTextAndThinking(content: Json | undefined): (TextPart | ThinkingPart)[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) return [];
  return content
    .filter(isJsonObject)
    .map(decodePiece)
    .filter((part) => part.text !== '');
}

function decodePiece(piece: JsonObject): TextPart | ThinkingPart {
  const thinking = piece['thinking'];
  if (piece['type'] === 'thinking') return { type: 'thinking', text: textOf(thinking) };
  return { type: 'text', text: textOf(piece['text']) };
}

function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return '';
  return value.map((piece) => (isJsonObject(piece) ? textOf(piece['text']) : '')).join('');
}
