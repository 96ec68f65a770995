/** Reasoning items: their summary is the thinking, their `encrypted_content` whatever must come back unchanged. */
import { isJsonObject, type JsonObject } from '../../../kit/json.ts';
import type { RedactedThinkingPart, ThinkingPart } from '../../conversation/contract.ts';
import { exportSignature, importSignature } from '../../conversation/signature.ts';
import { optionalArray, optionalString } from '../fields.ts';
import { carriedCallSignature, carriedRedacted, carryCallSignature, carryRedacted } from '../signature-carrier.ts';

/** `encrypted_content` of a signed thought. */
export function sealThinking(signature: string | undefined): string | undefined {
  return exportSignature('openai', signature);
}

export const sealRedacted = carryRedacted;

/** `encrypted_content` of the item that carries the signature of the call after it. */
export function sealCall(signature: string): string | undefined {
  const exported = exportSignature('openai', signature);
  return exported === undefined ? undefined : carryCallSignature(exported);
}

export interface Reasoning {
  part?: ThinkingPart | RedactedThinkingPart;
  /** Signature for the next tool call. */
  callSignature?: string;
}

export function decodeReasoning(item: JsonObject, path: string): Reasoning {
  const sealed = optionalString(item, 'encrypted_content', path);
  const redacted = carriedRedacted(sealed);
  if (redacted !== undefined) return { part: { type: 'redacted_thinking', data: redacted } };
  const callSignature = importSignature('openai', carriedCallSignature(sealed));
  if (callSignature !== undefined) return { callSignature };
  const text = texts(item, 'summary', path) || texts(item, 'content', path);
  const signature = importSignature('openai', sealed);
  if (signature !== undefined) return { part: { type: 'thinking', text, signature } };
  return text === '' ? {} : { part: { type: 'thinking', text } };
}

/** Codex leaves out `content` and sends the summary; open-weight servers do it the other way round. */
function texts(item: JsonObject, key: 'summary' | 'content', path: string): string {
  return (optionalArray(item, key, path) ?? [])
    .map((part) => (isJsonObject(part) && typeof part.text === 'string' ? part.text : ''))
    .filter((text) => text !== '')
    .join('\n\n');
}
