import type { Fault } from '../../../kit/fault.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { foreignSignature } from './encode-parts.ts';

/** Gemini found a thought signature missing, or one that another model had made. */
export function isAboutSignatures({ code, message }: Fault): boolean {
  return code === 'upstream_rejected' && /thought[ _]?signature/i.test(message);
}

/**
 * The same request without signatures but for the escape value on the first call of each step, for a history that
 * another model has written. `request`: the body of `generateContent`. False when it has nothing to change.
 */
export function escapeSignatures(request: JsonObject): boolean {
  const { contents } = request;
  let hasChanged = false;
  for (const content of Array.isArray(contents) ? contents : []) {
    if (isJsonObject(content) && escapeStep(content['parts'])) hasChanged = true;
  }
  return hasChanged;
}

function escapeStep(list: Json | undefined): boolean {
  const parts = Array.isArray(list) ? list.filter(isJsonObject) : [];
  let hasChanged = false;
  let isFirst = true;
  for (const part of parts) {
    const isCall = part['functionCall'] !== undefined || part['function_call'] !== undefined;
    if (setSignature(part, isCall && isFirst ? foreignSignature : undefined)) hasChanged = true;
    if (isCall) isFirst = false;
  }
  return hasChanged;
}

function setSignature(part: JsonObject, signature: string | undefined): boolean {
  const before = part['thoughtSignature'] ?? part['thought_signature'];
  if (before === signature) return false;
  delete part['thought_signature'];
  delete part['thoughtSignature'];
  if (signature !== undefined) part['thoughtSignature'] = signature;
  return true;
}
