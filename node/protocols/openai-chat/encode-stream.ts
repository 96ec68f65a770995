import type { JsonObject } from '../../../kit/json.ts';
import type {
  FinishReason,
  RedactedThinkingPart,
  StreamEvent,
  ThinkingPart,
  Usage,
} from '../../conversation/contract.ts';
import type { AnswerContext, StreamEncoder } from '../contract.ts';
import { exportCallSignature } from './call-signature.ts';
import { WholeText } from '../whole-text.ts';
import { answerId, encodeAnswerImage } from './encode-answer.ts';
import { encodeStreamFault } from './errors.ts';
import { encodeFinishReason } from './finish-reason.ts';
import { encodeReasoningDetail } from './reasoning.ts';
import { encodeUsage } from './usage.ts';

/**
 * Writes the chunk stream:
 *
 *   role chunk ─► deltas … ─► one finish chunk ─► usage chunk (only when asked for) ─► [DONE]
 *
 * A fault ends it with an error object, without finish chunk and without [DONE].
 */
export class OpenaiChatStreamEncoder implements StreamEncoder {
  readonly #context: AnswerContext;
  /** Everything of a chunk before and after its delta; made once, since only the delta changes. */
  #head = '';
  #tail = '';
  #usageHead = '';
  #usage: Usage = {};
  /** Upstreams may cut a character of two UTF-16 units between deltas; strict readers refuse the halves. */
  readonly #text = new WholeText();
  readonly #thinking = new WholeText();
  readonly #arguments = new WholeText();
  #toolIndex = -1;
  #hasArguments = false;
  #reasoningIndex = 0;
  #imageIndex = 0;
  #state: 'waiting' | 'open' | 'finished' | 'closed' = 'waiting';

  constructor(context: AnswerContext) {
    this.#context = context;
  }

  push(event: StreamEvent): string {
    if (this.#state === 'closed') return '';
    if (event.type === 'fault') return this.#fail(event);
    if (event.type === 'start') return this.#start(event.id, event.usage);
    if (event.type === 'usage') return this.#remember(event.usage);
    if (this.#state === 'finished') return '';
    return this.#state === 'waiting' ? this.#start('') + this.#content(event) : this.#content(event);
  }

  end(): string {
    if (this.#state !== 'finished') return '';
    this.#state = 'closed';
    return `${this.#usageChunk()}data: [DONE]\n\n`;
  }

  #start(id: string, usage?: Usage): string {
    if (this.#state !== 'waiting') return '';
    this.#state = 'open';
    if (usage !== undefined) this.#usage = usage;
    const context = this.#context;
    const shared = JSON.stringify({
      id: answerId(id, context.requestId),
      object: 'chat.completion.chunk',
      created: Math.floor(context.nowMs / 1000),
      model: context.model,
    }).slice(0, -1);
    this.#usageHead = `data: ${shared},"choices":[],"usage":`;
    this.#head = `data: ${shared},"choices":[{"index":0,"delta":`;
    this.#tail = context.includeUsage ? '}],"usage":null}\n\n' : '}]}\n\n';
    return this.#delta('{"role":"assistant","content":""}');
  }

  #content(event: StreamEvent): string {
    switch (event.type) {
      case 'text':
        return this.#say('content', this.#text.take(event.text));
      case 'thinking':
        return this.#say('reasoning_content', this.#thinking.take(event.text));
      case 'thinking_signature':
        return this.#reasoningDetail({ type: 'thinking', text: '', signature: event.signature });
      case 'redacted_thinking':
        return this.#reasoningDetail({ type: 'redacted_thinking', data: event.data });
      case 'image':
        return this.#delta(JSON.stringify({ images: [encodeAnswerImage(event, this.#imageIndex++)] }));
      case 'tool_start':
        return this.#startTool(event.id, event.name, event.signature);
      case 'tool_arguments':
        return this.#sayArguments(this.#arguments.take(event.json));
      case 'tool_end':
        return this.#endTool();
      case 'finish':
        return this.#finish(event.reason);
      default:
        return '';
    }
  }

  #say(member: 'content' | 'reasoning_content', text: string): string {
    return text === '' ? '' : this.#delta(`{"${member}":${JSON.stringify(text)}}`);
  }

  #startTool(id: string, name: string, signature: string | undefined): string {
    this.#toolIndex++;
    this.#hasArguments = false;
    const call: JsonObject = {
      index: this.#toolIndex,
      id,
      type: 'function',
      function: { name, arguments: '' },
      ...exportCallSignature(signature),
    };
    return this.#delta(JSON.stringify({ tool_calls: [call] }));
  }

  /** Clients parse the arguments as they are; '' is not JSON. */
  #endTool(): string {
    return this.#sayArguments(this.#arguments.flush() || (this.#hasArguments ? '' : '{}'));
  }

  #sayArguments(json: string): string {
    if (json === '') return '';
    this.#hasArguments = true;
    const text = JSON.stringify(json);
    return this.#delta(`{"tool_calls":[{"index":${this.#toolIndex},"function":{"arguments":${text}}}]}`);
  }

  #reasoningDetail(part: ThinkingPart | RedactedThinkingPart): string {
    return this.#delta(JSON.stringify({ reasoning_details: [encodeReasoningDetail(part, this.#reasoningIndex++)] }));
  }

  #finish(reason: FinishReason): string {
    this.#state = 'finished';
    const word = encodeFinishReason(reason, this.#toolIndex >= 0);
    const rest = this.#say('reasoning_content', this.#thinking.flush()) + this.#say('content', this.#text.flush());
    return `${rest}${this.#head}{},"finish_reason":"${word}"${this.#tail}`;
  }

  #fail(event: Extract<StreamEvent, { type: 'fault' }>): string {
    this.#state = 'closed';
    return encodeStreamFault(event.fault, this.#context.requestId, this.#context.framing);
  }

  #remember(usage: Usage): string {
    this.#usage = usage;
    return '';
  }

  /** Some clients fail at `choices: []` (cline/cline#8384): only those that asked get it. */
  #usageChunk(): string {
    if (!this.#context.includeUsage) return '';
    const usage = encodeUsage(this.#usage, this.#context.estimatedInputTokens);
    return `${this.#usageHead}${JSON.stringify(usage)}}\n\n`;
  }

  #delta(delta: string): string {
    return `${this.#head}${delta},"finish_reason":null${this.#tail}`;
  }
}
