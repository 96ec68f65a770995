import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { Conversation, TextPart } from '../../conversation/contract.ts';
import { droppedNames } from '../dropped-name.ts';
import { badField, join, objectAt, optionalArray, optionalObject, optionalString } from '../fields.ts';
import { readGenerationConfig } from './decode-config.ts';
import { ContentDecoder } from './decode-contents.ts';
import { unsupported } from './decode-media.ts';
import { readTools } from './decode-tools.ts';
import { camelOf, keyOf, member } from './names.ts';

const known: ReadonlySet<string> = new Set([
  'model',
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
  'cachedContent',
]);

/**
 * A body of `models/{model}:generateContent`, `:streamGenerateContent` or `:countTokens`
 * (https://ai.google.dev/api/generate-content). Model and stream come from the path.
 */
export function decodeRequest(body: JsonObject, hints: { model: string; stream: boolean }): Conversation {
  // countTokens takes the contents bare or a whole request below this member.
  const request = optionalObject(body, keyOf(body, 'generateContentRequest'), '') ?? body;
  refuseCached(request);
  const contents = new ContentDecoder();
  contents.decode(request);
  const conversation: Conversation = {
    model: hints.model,
    system: decodeSystem(request),
    messages: contents.messages,
    tools: [],
    stop: [],
    stream: hints.stream,
    dropped: Object.keys(request).filter((key) => !known.has(camelOf(key)) && request[key] !== null),
  };
  readTools(request, conversation);
  readGenerationConfig(request, conversation);
  conversation.dropped = droppedNames(conversation.dropped);
  return conversation;
}

function refuseCached(request: JsonObject): void {
  const cached = member(request, 'cachedContent');
  if (cached === undefined || cached === null || cached === '') return;
  throw unsupported(keyOf(request, 'cachedContent'), 'a cache kept at Google cannot be used here; send its content');
}

/** A content (whatever its role), a list of parts, or a bare string, as SDKs and their users write it. */
function decodeSystem(request: JsonObject): TextPart[] {
  const key = keyOf(request, 'systemInstruction');
  const value = request[key];
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return textParts(value);
  if (!isJsonObject(value)) throw badField(key, 'must be a content or a string', value);
  const path = join(key, 'parts');
  const list = systemParts(value, key);
  return list.flatMap((part, index) => {
    if (typeof part === 'string') return textParts(part);
    const object = objectAt(list, index, path);
    const text = optionalString(object, 'text', join(path, index));
    if (text === undefined) throw badField(join(path, index), 'instructions must be text');
    return textParts(text);
  });
}

function systemParts(value: JsonObject, key: string): Json[] {
  if (value.parts === undefined && typeof value.text === 'string') return [value];
  // A single part in place of the list is taken too.
  return isJsonObject(value.parts) ? [value.parts] : (optionalArray(value, 'parts', key) ?? []);
}

function textParts(text: string): TextPart[] {
  return text === '' ? [] : [{ type: 'text', text }];
}
