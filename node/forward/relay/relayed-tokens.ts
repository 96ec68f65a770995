import { isJsonObject, type Json } from '../../../kit/json.ts';
import { openTextTokenEstimate } from '../../conversation/estimate-text-tokens.ts';

/** Enough to tell how much of an answer's bytes is text, and of what kind; a thousand streams keep no more than that. */
const sampleSizeMax = 4096;

/** How much of an answer went by as text, for an estimate of its tokens by its beginning. */
export class RelayedText {
  #length = 0;
  #sample = '';

  add(text: string): void {
    this.#length += text.length;
    if (this.#sample.length < sampleSizeMax) this.#sample += text;
  }

  tokens(): number {
    if (this.#length === 0) return 0;
    return Math.ceil((tokensOf(this.#sample) * this.#length) / this.#sample.length);
  }
}

/** The same for an answer that goes by unread, in whole events or whole JSON. */
export class RelayedBytes {
  #bytes = 0;
  #sampleBytes = 0;
  readonly #sample: Buffer[] = [];

  add(bytes: Buffer): void {
    this.#bytes += bytes.length;
    if (this.#sampleBytes >= sampleSizeMax) return;
    this.#sampleBytes += bytes.length;
    this.#sample.push(bytes);
  }

  tokens(): number {
    if (this.#bytes === 0) return 0;
    const sample = Buffer.concat(this.#sample).toString();
    return Math.ceil((tokensOf(answerText(sample)) * this.#bytes) / this.#sampleBytes);
  }
}

/** Tokens of a whole answer that came without a count; of half an answer by its length. */
export function answerTokens(body: Buffer): number {
  const parsed = parse(body.toString());
  return parsed === undefined ? Math.ceil(body.length / bytesPerToken) : tokensOf(textIn(parsed, false));
}

/** Of JSON in which an answer is wrapped, on the average of the four formats. */
export const bytesPerToken = 4;

function tokensOf(text: string): number {
  const estimate = openTextTokenEstimate();
  estimate.push(text);
  return estimate.tokens;
}

/** What a model wrote, out of server-sent events or the lines of a JSON array; what cannot be read has none. */
export function answerText(lines: string): string {
  let text = '';
  for (const line of lines.split('\n')) {
    const parsed = parse(line.replace(/^(?:data:|\[)/, ''));
    if (parsed !== undefined) text += textIn(parsed, false);
  }
  return text;
}

/** Members that hold text of the model, in any of the four protocols; those with objects hold a call's arguments. */
const textMembers: ReadonlySet<string> = new Set([
  'arguments',
  'content',
  'delta',
  'partial_json',
  'reasoning',
  'reasoning_content',
  'refusal',
  'text',
  'thinking',
]);
const argumentMembers: ReadonlySet<string> = new Set(['args', 'input']);

/** Members under which answers lie; whatever else a vendor puts beside them echoes the request. */
const answerMembers: ReadonlySet<string> = new Set([
  'candidates',
  'choices',
  'content',
  'content_block',
  'delta',
  'output',
]);

/** Deeper than any answer; what an upstream nests deeper is not worth a stack. */
const depthMax = 32;

function textIn(value: Json | undefined, isAnswer: boolean, depth = 0): string {
  if (depth > depthMax) return '';
  if (Array.isArray(value)) return value.map((element) => textIn(element, isAnswer, depth + 1)).join('');
  if (!isJsonObject(value) || isRepetition(value['type'])) return '';
  let text = '';
  for (const name in value) {
    const member = value[name];
    if (typeof member === 'string') text += textMembers.has(name) ? member : '';
    else if (argumentMembers.has(name) && isAnswer) text += argumentsIn(member, depth + 1);
    else if (isAnswer || answerMembers.has(name)) text += textIn(member, true, depth + 1);
  }
  return text;
}

/** Arguments of a call that come as a value: their names and what is in them. */
function argumentsIn(value: Json | undefined, depth: number): string {
  if (typeof value !== 'object' || value === null) return ` ${String(value)}`;
  if (depth > depthMax) return '';
  let text = '';
  for (const [name, member] of Object.entries(value)) text += ` ${name}${argumentsIn(member, depth + 1)}`;
  return text;
}

/** OpenAI's Responses tell each text again when it is complete. */
function isRepetition(type: Json | undefined): boolean {
  return typeof type === 'string' && type.startsWith('response.') && !type.endsWith('.delta');
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // Comments, names of events, brackets of an array.
    return undefined;
  }
}
