import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type {
  Message,
  Part,
  TextPart,
  ThinkingPart,
  ToolCallPart,
  ToolResultPart,
} from '../../conversation/contract.ts';
import { importSignature } from '../../conversation/signature.ts';
import { badField, join, objectAt, optionalArray, optionalObject, optionalString, requiredString } from '../fields.ts';
import { carriedRedacted } from '../signature-carrier.ts';
import { CallIds } from './call-ids.ts';
import { inlineMedia, linkedMedia, unsupported } from './decode-media.ts';
import { keyOf, member } from './names.ts';

/** Reads `contents` into messages. Empty texts and contents are left out, since most upstreams refuse them. */
export class ContentDecoder {
  readonly messages: Message[] = [];
  readonly #ids = new CallIds();

  decode(body: JsonObject): void {
    const value = body.contents;
    // The API takes a list; some clients send the one content bare.
    const list = Array.isArray(value) ? value : [value ?? null];
    list.forEach((_, index) => this.#content(objectAt(list, index, 'contents'), join('contents', index)));
  }

  #content(content: JsonObject, path: string): void {
    const role = roleOf(content, path);
    const list = optionalArray(content, 'parts', path) ?? [];
    const parts: Part[] = [];
    list.forEach((_, index) =>
      this.#part(objectAt(list, index, join(path, 'parts')), join(join(path, 'parts'), index), parts),
    );
    if (parts.length === 0) return;
    const last = this.messages.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else this.messages.push({ role, parts });
  }

  #part(part: JsonObject, path: string, into: Part[]): void {
    const key = kinds.find((kind) => member(part, kind) !== undefined && member(part, kind) !== null);
    switch (key) {
      case 'functionCall':
        return void into.push(this.#call(part, path));
      case 'functionResponse':
        return void into.push(this.#result(part, path));
      case 'text':
        return addText(part, path, into);
      case undefined:
        return addBare(part, path, into);
      default:
        return addOther(key, part, path, into);
    }
  }

  #call(part: JsonObject, path: string): ToolCallPart {
    const key = keyOf(part, 'functionCall');
    const call = optionalObject(part, key, path) ?? {};
    const where = join(path, key);
    const name = requiredString(call, 'name', where);
    const id = this.#ids.call(name, optionalString(call, 'id', where));
    const argumentsJson = JSON.stringify(optionalObject(call, 'args', where) ?? {});
    const result: ToolCallPart = { type: 'tool_call', id, name, argumentsJson };
    const signature = importSignature('gemini', signatureOf(part, path));
    if (signature !== undefined) result.signature = signature;
    return result;
  }

  #result(part: JsonObject, path: string): ToolResultPart {
    const key = keyOf(part, 'functionResponse');
    const response = optionalObject(part, key, path) ?? {};
    const where = join(path, key);
    const name = requiredString(response, 'name', where);
    const callId = this.#ids.result(name, optionalString(response, 'id', where));
    const outcome = outcomeOf(optionalObject(response, 'response', where) ?? {});
    const content: ToolResultPart['content'] = outcome.text === '' ? [] : [{ type: 'text', text: outcome.text }];
    content.push(...resultMedia(response, where));
    const result: ToolResultPart = { type: 'tool_result', callId, name, content };
    if (outcome.isError) result.isError = true;
    return result;
  }
}

/** What a part can hold, most telling first. */
const kinds = [
  'functionCall',
  'functionResponse',
  'inlineData',
  'fileData',
  'executableCode',
  'codeExecutionResult',
  'text',
] as const;

function roleOf(content: JsonObject, path: string): 'user' | 'assistant' {
  const role = optionalString(content, 'role', path) ?? 'user';
  // `function` is what older SDKs call the user's turn with results.
  if (role === 'user' || role === 'function' || role === '') return 'user';
  if (role === 'model') return 'assistant';
  throw badField(join(path, 'role'), 'must be user or model', role);
}

function signatureOf(part: JsonObject, path: string): string | undefined {
  return optionalString(part, keyOf(part, 'thoughtSignature'), path);
}

function addText(part: JsonObject, path: string, into: Part[]): void {
  const text = requiredString(part, 'text', path);
  if (part.thought === true) addThought(text, signatureOf(part, path), into);
  else if (text !== '') into.push({ type: 'text', text });
}

/** A streamed thought comes back in several parts, the last of which may be its signature alone: one thought. */
function addThought(text: string, wireSignature: string | undefined, into: Part[]): void {
  const redacted = carriedRedacted(wireSignature);
  if (redacted !== undefined) {
    into.push({ type: 'redacted_thinking', data: redacted });
    return;
  }
  const signature = importSignature('gemini', wireSignature);
  const last = into.at(-1);
  const open = last?.type === 'thinking' && last.signature === undefined ? last : undefined;
  if (open === undefined && text === '' && signature === undefined) return;
  const thought: ThinkingPart = open ?? { type: 'thinking', text: '' };
  thought.text += text;
  if (signature !== undefined) thought.signature = signature;
  if (open === undefined) into.push(thought);
}

/** A part without content: only a signature, which belongs to the thought before it, or nothing that is known. */
function addBare(part: JsonObject, path: string, into: Part[]): void {
  const signature = signatureOf(part, path);
  if (signature !== undefined) addThought('', signature, into);
  else if (part.thought === undefined) throw badField(path, `must hold one of ${kinds.join(', ')}`);
}

function addOther(key: (typeof kinds)[number], part: JsonObject, path: string, into: Part[]): void {
  const where = join(path, keyOf(part, key));
  const value = optionalObject(part, keyOf(part, key), path) ?? {};
  if (key === 'inlineData') into.push(inlineMedia(value, where));
  else if (key === 'fileData') into.push(linkedMedia(value, where));
  else into.push(executionText(key, value, where));
}

/** Code that Google's own tool ran on an earlier turn is told as text: only Google could run it again. */
function executionText(key: string, value: JsonObject, path: string): TextPart {
  if (key === 'executableCode') {
    const language = (optionalString(value, 'language', path) ?? '').toLowerCase();
    return { type: 'text', text: `\`\`\`${language}\n${optionalString(value, 'code', path) ?? ''}\n\`\`\`` };
  }
  return { type: 'text', text: `\`\`\`\n${optionalString(value, 'output', path) ?? ''}\n\`\`\`` };
}

/**
 * `output` and `error` are the documented keys of a response, `result` is what many clients use; without them the
 * whole object is the output (https://ai.google.dev/api/caching#FunctionResponse).
 */
function outcomeOf(response: JsonObject): { text: string; isError: boolean } {
  if (response.error !== undefined && response.error !== null) return { text: textOf(response.error), isError: true };
  const keys = Object.keys(response);
  const only = keys.length === 1 && (keys[0] === 'output' || keys[0] === 'result') ? response[keys[0]] : undefined;
  if (only !== undefined) return { text: textOf(only), isError: false };
  return { text: keys.length === 0 ? '' : JSON.stringify(response), isError: false };
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function resultMedia(response: JsonObject, path: string): ToolResultPart['content'] {
  const list = optionalArray(response, 'parts', path) ?? [];
  return list.map((_, index) => {
    const part = objectAt(list, index, join(path, 'parts'));
    const where = join(join(path, 'parts'), index);
    const inline = member(part, 'inlineData');
    const linked = member(part, 'fileData');
    const media = isJsonObject(inline)
      ? inlineMedia(inline, where)
      : isJsonObject(linked)
        ? linkedMedia(linked, where)
        : undefined;
    if (media === undefined) throw badField(where, 'must hold inlineData or fileData');
    if (media.type === 'audio') throw unsupported(where, 'audio cannot be carried inside a function response');
    return media;
  });
}
