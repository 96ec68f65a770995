import type { FinishReason, StreamEvent, Usage } from '../../conversation/contract.ts';
import { mergeUsage } from '../../conversation/fold.ts';
import { absentSignature, exportSignature } from '../../conversation/signature.ts';
import type { AnswerContext, StreamEncoder } from '../contract.ts';
import { dataUrl, imageText } from './encode-answer.ts';
import { encodeStreamFault } from './errors.ts';
import { messageIdOf, stopReasonOf, toolIdOf, wireUsage } from './schema.ts';

/**
 * Stream events as an Anthropic client reads them. Its parsers are strict: one message_start, contiguous block indices,
 * one block open at a time, every block closed, then one message_delta and one message_stop.
 *
 *   message_start ─► block_start ─► delta … ─► block_stop ─► … ─► message_delta ─► message_stop
 */
export class AnthropicStreamEncoder implements StreamEncoder {
  readonly #context: AnswerContext;
  #hasStarted = false;
  /** Number of blocks begun so far; the open one has the index below. */
  #blocks = 0;
  #open: 'text' | 'thinking' | 'tool' | undefined;
  #isSigned = false;
  #hasArguments = false;
  #hasCalls = false;
  #usage: Usage = {};
  #finish: FinishReason | undefined;
  #stopSequence: string | undefined;
  #hasFailed = false;

  constructor(context: AnswerContext) {
    this.#context = context;
  }

  push(event: StreamEvent): string {
    if (this.#hasFailed) return '';
    switch (event.type) {
      case 'start':
        return this.#start(event.id, event.usage ?? {});
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage);
        return '';
      case 'finish':
        this.#finish = event.reason;
        this.#stopSequence = event.stopSequence;
        return this.#close();
      case 'fault':
        this.#hasFailed = true;
        return encodeStreamFault(event.fault, this.#context.requestId);
      default:
        return this.#content(event);
    }
  }

  /** message_delta waits for the end, because usage may come after the finish. */
  end(): string {
    if (this.#hasFailed || this.#finish === undefined) return '';
    const delta = {
      type: 'message_delta',
      delta: {
        stop_reason: stopReasonOf(this.#finish, this.#hasCalls),
        stop_sequence: this.#stopSequence ?? null,
      },
      usage: wireUsage(this.#usage),
    };
    return `event: message_delta\ndata: ${JSON.stringify(delta)}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n`;
  }

  /** Claude Code's context meter reads input_tokens here, so an estimate stands in where the upstream is silent. */
  #start(id: string, usage: Usage): string {
    if (this.#hasStarted) return '';
    this.#hasStarted = true;
    const estimated = this.#context.estimatedInputTokens;
    this.#usage =
      usage.inputTotal === undefined && estimated !== undefined ? { ...usage, inputTotal: estimated } : usage;
    const message = {
      id: messageIdOf(id, this.#context.requestId),
      type: 'message',
      role: 'assistant',
      model: this.#context.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: wireUsage({ ...this.#usage, outputTotal: Math.max(1, usage.outputTotal ?? 1) }),
    };
    return `event: message_start\ndata: ${JSON.stringify({ type: 'message_start', message })}\n\n`;
  }

  #content(event: StreamEvent): string {
    switch (event.type) {
      case 'text':
        return event.text === '' ? '' : this.#text(event.text);
      case 'thinking':
        return event.text === '' ? '' : this.#thinking(event.text);
      case 'thinking_signature':
        return this.#signature(event.signature);
      case 'redacted_thinking':
        return this.#close() + this.#whole(`{"type":"redacted_thinking","data":${JSON.stringify(event.data)}}`);
      case 'image':
        return this.#text(imageText(dataUrl(event.mediaType, event.data)));
      case 'tool_start':
        return this.#toolStart(event.id, event.name, event.signature);
      case 'tool_arguments':
        return this.#toolArguments(event.json);
      default:
        return this.#close();
    }
  }

  #text(text: string): string {
    const opening = this.#open === 'text' ? '' : this.#close() + this.#begin('text', '{"type":"text","text":""}');
    return opening + this.#delta(`{"type":"text_delta","text":${JSON.stringify(text)}}`);
  }

  #thinking(text: string): string {
    return this.#openThinking() + this.#delta(`{"type":"thinking_delta","thinking":${JSON.stringify(text)}}`);
  }

  #openThinking(): string {
    if (this.#open === 'thinking') return '';
    const closing = this.#close();
    this.#isSigned = false;
    return closing + this.#begin('thinking', '{"type":"thinking","thinking":"","signature":""}');
  }

  /** A signature is the last thing of its block. */
  #signature(signature: string): string {
    const opening = this.#openThinking();
    const shown = exportSignature('anthropic', signature) ?? absentSignature;
    this.#isSigned = true;
    return opening + this.#delta(`{"type":"signature_delta","signature":${JSON.stringify(shown)}}`) + this.#close();
  }

  /** A call's own signature goes in front of it, see `call-signature.ts`. */
  #toolStart(id: string, name: string, signature: string | undefined): string {
    this.#hasCalls = true;
    const before = this.#close() + (signature === undefined ? '' : this.#signature(signature));
    this.#hasArguments = false;
    const shown = JSON.stringify(this.#context.toolKinds?.get(name) ?? name);
    const block = `{"type":"tool_use","id":${JSON.stringify(toolIdOf(id))},"name":${shown},"input":{}}`;
    return before + this.#begin('tool', block);
  }

  #toolArguments(json: string): string {
    if (json === '' || this.#open !== 'tool') return '';
    this.#hasArguments = true;
    return this.#delta(`{"type":"input_json_delta","partial_json":${JSON.stringify(json)}}`);
  }

  #begin(kind: 'text' | 'thinking' | 'tool', block: string): string {
    this.#open = kind;
    return `event: content_block_start\ndata: {"type":"content_block_start","index":${this.#blocks++},"content_block":${block}}\n\n`;
  }

  /** A block that is complete with its start. */
  #whole(block: string): string {
    const start = `event: content_block_start\ndata: {"type":"content_block_start","index":${this.#blocks},"content_block":${block}}\n\n`;
    return start + stopEvent(this.#blocks++);
  }

  #delta(delta: string): string {
    return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#blocks - 1},"delta":${delta}}\n\n`;
  }

  #close(): string {
    const kind = this.#open;
    if (kind === undefined) return '';
    let last = '';
    if (kind === 'thinking' && !this.#isSigned) {
      last = this.#delta(`{"type":"signature_delta","signature":"${absentSignature}"}`);
    } else if (kind === 'tool' && !this.#hasArguments) {
      last = this.#delta('{"type":"input_json_delta","partial_json":"{}"}');
    }
    this.#open = undefined;
    return last + stopEvent(this.#blocks - 1);
  }
}

function stopEvent(index: number): string {
  return `event: content_block_stop\ndata: {"type":"content_block_stop","index":${index}}\n\n`;
}
