import { isJsonObject, type JsonObject } from '../../../kit/json.ts';
import { exportSignature, importSignature, ownSignature } from '../../conversation/signature.ts';

/**
 * Gemini's thought signature on a tool call, as Google's own front in this format carries it:
 * `extra_content.google.thought_signature` (Vertex: `extra_content.vertex`). Clients that keep the member send it
 * back verbatim; Gemini 3 refuses the next turn without it (crmne/ruby_llm#588, earendil-works/pi#6733).
 */
export function decodeCallSignature(call: JsonObject): string | undefined {
  const extra = call['extra_content'];
  if (!isJsonObject(extra)) return undefined;
  for (const vendor of ['google', 'vertex']) {
    const content = extra[vendor];
    const signature = isJsonObject(content) ? content['thought_signature'] : undefined;
    if (typeof signature === 'string' && signature !== '') return importSignature('gemini', signature);
  }
  return undefined;
}

/** Members for a call that goes to a client. */
export function exportCallSignature(signature: string | undefined): JsonObject {
  return members(exportSignature('gemini', signature));
}

/** Members for a call that goes to an upstream: Gemini's own signature to a Gemini model, nothing to any other. */
export function ownCallSignature(signature: string | undefined, model: string): JsonObject {
  return /(^|\/)gemini/i.test(model) ? members(ownSignature('gemini', signature)) : {};
}

function members(signature: string | undefined): JsonObject {
  return signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } };
}
