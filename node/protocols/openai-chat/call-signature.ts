import { isJsonObject, type JsonObject } from '../../../kit/json.ts';

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
    if (typeof signature === 'string' && signature !== '') return signature;
  }
  return undefined;
}

export function encodeCallSignature(signature: string | undefined): JsonObject {
  return signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } };
}
