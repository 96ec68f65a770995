import type { JsonObject } from '../../../kit/json.ts';
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
import { portableName } from '../portable-name.ts';
import { carriedRedacted } from '../signature-carrier.ts';
import { CallIds } from './call-ids.ts';
import { inlineMedia, linkedMedia } from './decode-media.ts';
import { decodeOutcome } from './decode-outcome.ts';
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

  /**
   * Neighbours of the same role are one message: SDKs keep every chunk of a stream as a content of its own, so a
   * thought and its signature, or the pieces of one text, lie in several.
   */
  #content(content: JsonObject, path: string): void {
    const role = roleOf(content, path);
    const list = optionalArray(content, 'parts', path) ?? [];
    const last = this.messages.at(-1);
    const message: Message = last?.role === role ? last : { role, parts: [] };
    const where = join(path, 'parts');
    list.forEach((_, index) => this.#part(objectAt(list, index, where), join(where, index), message));
    if (message !== last && message.parts.length > 0) this.messages.push(message);
  }

  #part(part: JsonObject, path: string, message: Message): void {
    const into = message.parts;
    const key = kinds.find((kind) => member(part, kind) !== undefined && member(part, kind) !== null);
    switch (key) {
      case 'functionCall':
        return void into.push(this.#call(part, path));
      case 'functionResponse':
        return void into.push(this.#result(part, path));
      case 'text':
        return addText(part, path, message);
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
    const name = portableName(requiredString(call, 'name', where));
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
    const name = portableName(requiredString(response, 'name', where));
    const callId = this.#ids.result(name, optionalString(response, 'id', where));
    return { type: 'tool_result', callId, name, ...decodeOutcome(response, where) };
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

function addText(part: JsonObject, path: string, message: Message): void {
  const text = requiredString(part, 'text', path);
  const last = message.parts.at(-1);
  if (part.thought === true) addThought(text, signatureOf(part, path), message.parts);
  else if (message.role === 'assistant' && last?.type === 'text') last.text += text;
  else if (text !== '') message.parts.push({ type: 'text', text });
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
