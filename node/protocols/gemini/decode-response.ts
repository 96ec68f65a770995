import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { FinishReason, StreamEvent } from '../../conversation/contract.ts';
import { importSignature } from '../../conversation/signature.ts';
import { protocolFaults } from '../faults.ts';
import { decodeUsage, type ToolNames } from './answer-object.ts';

/** What `promptFeedback` means; no finish reason comes then. */
const blocked = 'BLOCKED_PROMPT';

/** Words that end an answer in another way than by its own end. Any other is one, if anything was said. */
const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ['MAX_TOKENS', 'length'],
  ...[
    blocked,
    'SAFETY',
    'RECITATION',
    'BLOCKLIST',
    'PROHIBITED_CONTENT',
    'SPII',
    'LANGUAGE',
    'IMAGE_SAFETY',
    'IMAGE_PROHIBITED_CONTENT',
    'IMAGE_RECITATION',
  ].map((word) => [word, 'refusal'] as const),
]);

/** A call that came out as none: a normal end would make an agent stop without a word. */
const brokenCalls: ReadonlySet<string> = new Set([
  'MALFORMED_FUNCTION_CALL',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
]);

export interface DecodeOptions {
  /** Makes ids for calls that come without one. */
  inventId: () => string;
  /** As the client knows its tools, by the names they were sent under. */
  toolNames?: ToolNames;
}

/**
 * Reads responses of one answer, one after another, into events. Some models repeat their finish reason on every
 * response, so the answer is over when nothing more comes after one.
 */
export class ResponseReader {
  readonly #options: DecodeOptions;
  #hasStarted = false;
  #hasContent = false;
  #hasCalls = false;
  #usage = '';
  #reason: string | undefined;

  constructor(options: DecodeOptions) {
    this.#options = options;
  }

  read(response: JsonObject, out: StreamEvent[]): void {
    const candidate = firstCandidate(response);
    const block = blockReasonOf(response);
    const metadata = response['usageMetadata'];
    if (candidate === undefined && block === undefined && !isJsonObject(metadata)) return;
    this.#start(response, out);
    if (candidate !== undefined) this.#candidate(candidate, out);
    this.#count(metadata, out);
    const word = block === undefined ? candidate?.['finishReason'] : blocked;
    if (typeof word === 'string') this.#reason = word;
  }

  /** Whether a finish reason has come. */
  get isComplete(): boolean {
    return this.#reason !== undefined;
  }

  /** Nothing more comes: says how the answer ended. Throws the Fault for an end that is a failure. */
  end(out: StreamEvent[]): void {
    const word = this.#reason ?? '';
    if (brokenCalls.has(word)) {
      throw protocolFaults.upstream_error(`the model's tool call could not be read (${word})`);
    }
    const reason = reasons.get(word);
    if (reason === undefined && !this.#hasContent) {
      throw protocolFaults.upstream_bad_answer(`the upstream answered nothing (${word})`);
    }
    out.push({ type: 'finish', reason: reason ?? (this.#hasCalls ? 'tool_calls' : 'stop') });
  }

  #start(response: JsonObject, out: StreamEvent[]): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    const { responseId, modelVersion } = response;
    const id = typeof responseId === 'string' ? responseId : '';
    out.push({ type: 'start', id, model: typeof modelVersion === 'string' ? modelVersion : '' });
  }

  /** Counts are cumulative and repeated in each response. */
  #count(metadata: Json | undefined, out: StreamEvent[]): void {
    const usage = decodeUsage(metadata);
    const shown = JSON.stringify(usage);
    if (shown === '{}' || shown === this.#usage) return;
    this.#usage = shown;
    out.push({ type: 'usage', usage });
  }

  #candidate(candidate: JsonObject, out: StreamEvent[]): void {
    const content = candidate['content'];
    const parts = isJsonObject(content) && Array.isArray(content['parts']) ? content['parts'] : [];
    for (const part of parts) if (isJsonObject(part)) this.#part(part, out);
  }

  #part(part: JsonObject, out: StreamEvent[]): void {
    const wire = part['thoughtSignature'];
    const signature = importSignature('gemini', typeof wire === 'string' ? wire : undefined);
    if (isJsonObject(part['functionCall'])) return this.#call(part['functionCall'], signature, out);
    const text = textOf(part);
    if (text !== '') {
      this.#hasContent = true;
      out.push({ type: part['thought'] === true ? 'thinking' : 'text', text });
    }
    this.#image(part['inlineData'], out);
    // That of a text need not come back, and a thought after the text would hide the text from clients that read the last
    // block alone.
    if (signature !== undefined && part['thought'] === true) out.push({ type: 'thinking_signature', signature });
    return undefined;
  }

  #call(call: JsonObject, signature: string | undefined, out: StreamEvent[]): void {
    const { name, id, args } = call;
    if (typeof name !== 'string' || name === '') return;
    this.#hasContent = true;
    this.#hasCalls = true;
    const own = this.#options.toolNames?.get(name) ?? name;
    const callId = typeof id === 'string' && id !== '' ? id : this.#options.inventId();
    out.push(
      { type: 'tool_start', id: callId, name: own, ...(signature === undefined ? {} : { signature }) },
      { type: 'tool_arguments', json: JSON.stringify(isJsonObject(args) ? args : {}) },
      { type: 'tool_end' },
    );
  }

  #image(blob: Json | undefined, out: StreamEvent[]): void {
    if (!isJsonObject(blob)) return;
    const { mimeType, data } = blob;
    if (typeof mimeType !== 'string' || !mimeType.startsWith('image/') || typeof data !== 'string') return;
    this.#hasContent = true;
    out.push({ type: 'image', mediaType: mimeType, data });
  }
}

function firstCandidate({ candidates }: JsonObject): JsonObject | undefined {
  const first = Array.isArray(candidates) ? candidates[0] : undefined;
  return isJsonObject(first) ? first : undefined;
}

function blockReasonOf({ promptFeedback }: JsonObject): string | undefined {
  const reason = isJsonObject(promptFeedback) ? promptFeedback['blockReason'] : undefined;
  return typeof reason === 'string' ? reason : undefined;
}

/** Code that Google ran itself is told as text. */
function textOf(part: JsonObject): string {
  const { text, executableCode, codeExecutionResult } = part;
  if (typeof text === 'string') return text;
  if (isJsonObject(executableCode)) return fenced(executableCode['code'], 'python');
  return isJsonObject(codeExecutionResult) ? fenced(codeExecutionResult['output'], '') : '';
}

function fenced(code: Json | undefined, language: string): string {
  return typeof code === 'string' ? `\n\`\`\`${language}\n${code}\n\`\`\`\n` : '';
}
