import type { JsonObject } from '../../../kit/json.ts';
import { argumentsObject } from '../../conversation/arguments.ts';
import type { DocumentPart, ImagePart, Part, ToolCallPart, ToolResultPart } from '../../conversation/contract.ts';
import { ownSignature } from '../../conversation/signature.ts';

/** Stands where Gemini 3 wants the signature of a call that it did not make (its page on thought signatures). */
export const foreignSignature = 'skip_thought_signature_validator';

/** Media types by the ending of a URL, where nobody said one. */
const typesByEnding: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
]);

/** A part of a user's message beside results; undefined for what says nothing. */
export function encodeUserPart(part: Part): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return textPart(part.text);
    case 'image':
    case 'document':
      return mediaPart(part);
    case 'audio':
      return { inlineData: { mimeType: `audio/${part.format}`, data: part.data } };
    default:
      return undefined;
  }
}

export function textPart(text: string): JsonObject | undefined {
  return text === '' ? undefined : { text: text.toWellFormed() };
}

function mediaPart(part: ImagePart | DocumentPart): JsonObject | undefined {
  if (part.type === 'document' && part.text !== undefined) return textPart(part.text);
  const fallback = part.type === 'image' ? 'image/png' : 'application/pdf';
  if (part.data !== undefined) return { inlineData: { mimeType: part.mediaType ?? fallback, data: part.data } };
  if (part.url === undefined) return undefined;
  const ending = /\.([a-z]+)(?:[?#]|$)/i.exec(part.url)?.[1]?.toLowerCase() ?? '';
  return { fileData: { mimeType: part.mediaType ?? typesByEnding.get(ending) ?? fallback, fileUri: part.url } };
}

/** `response` must be an object; what a tool said stands under the documented keys. */
export function encodeResult(result: ToolResultPart, name: string): JsonObject {
  const text = result.content
    .map((part) => (part.type === 'text' ? part.text : part.type === 'document' ? (part.text ?? '') : ''))
    .filter((said) => said !== '')
    .join('\n')
    .toWellFormed();
  return { functionResponse: { name, response: result.isError === true ? { error: text } : { output: text } } };
}

/** Pictures and files of a result, which stand beside its `functionResponse`. */
export function resultMedia({ content }: ToolResultPart): JsonObject[] {
  const media = content.filter(
    (part) => part.type !== 'text' && !(part.type === 'document' && part.text !== undefined),
  );
  return media.map(encodeUserPart).filter((part) => part !== undefined);
}

/** `needsSignature`: the first call of a step, where the model refuses a step without one. */
export function encodeCall(call: ToolCallPart, name: string, needsSignature: boolean): JsonObject {
  const part: JsonObject = { functionCall: { name, args: argumentsObject(call.argumentsJson) } };
  const signature = ownSignature('gemini', call.signature) ?? (needsSignature ? foreignSignature : undefined);
  if (signature !== undefined) part['thoughtSignature'] = signature;
  return part;
}
