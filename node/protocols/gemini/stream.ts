import type { JsonObject } from '../../../kit/json.ts';
import { mergeUsage } from '../../conversation/fold.ts';
import type { FinishReason, StreamEvent, Usage } from '../../conversation/contract.ts';
import { exportSignature } from '../../conversation/signature.ts';
import type { AnswerContext, StreamEncoder } from '../contract.ts';
import { carryRedacted } from '../signature-carrier.ts';
import { WholeText } from '../whole-text.ts';
import { type Call, callPart, encodeUsage, finishReasonOf, thoughtPart } from './answer-object.ts';
import { errorBody } from './errors.ts';
import { ChunkFrame } from './framing.ts';

const chunkHead = '{"candidates":[{"content":{"parts":[';

/** Writes a stream of `GenerateContentResponse` chunks. Calls are held until they are complete: Gemini has no halves. */
export class GeminiEncoder implements StreamEncoder {
  readonly #context: AnswerContext;
  readonly #frame: ChunkFrame;
  readonly #whole = new WholeText();
  /** Ends every chunk: model and response id, which stay the same. */
  #identity: string;
  #isThought = false;
  #call: Call | undefined;
  #json: string[] = [];
  #usage: Usage = {};
  #finish: FinishReason | undefined;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#frame = new ChunkFrame(context.framing);
    this.#identity = this.#identityOf(context.requestId);
  }

  push(event: StreamEvent): string {
    switch (event.type) {
      case 'start':
        if (event.id !== '') this.#identity = this.#identityOf(event.id);
        return this.#count(event.usage);
      case 'text':
        return this.#text(event.text, false);
      case 'thinking':
        return this.#text(event.text, true);
      case 'thinking_signature':
        return this.#opaque(exportSignature('gemini', event.signature));
      case 'redacted_thinking':
        return this.#opaque(carryRedacted(event.data));
      case 'image':
        return this.#part({ inlineData: { mimeType: event.mediaType, data: event.data } });
      default:
        return this.#pushCallOrEnd(event);
    }
  }

  #pushCallOrEnd(event: StreamEvent): string {
    switch (event.type) {
      case 'tool_start':
        this.#call = event;
        this.#json = [];
        return this.#flush();
      case 'tool_arguments':
        this.#json.push(event.json);
        return '';
      case 'tool_end':
        return this.#endCall();
      case 'usage':
        return this.#count(event.usage);
      case 'finish':
        this.#finish = event.reason;
        return this.#flush();
      case 'fault':
        this.#finish = undefined;
        return this.#frame.chunk(errorBody(event.fault)) + this.#frame.close();
      default:
        return '';
    }
  }

  /** The last chunk has the reason and the counts, and one empty text, since clients look at the first part. */
  end(): string {
    if (this.#finish === undefined) return '';
    const reason = `"role":"model"},"finishReason":"${finishReasonOf(this.#finish)}","index":0}]`;
    const usage = encodeUsage(this.#usage, this.#context.estimatedInputTokens);
    const counts = usage === undefined ? '' : `,"usageMetadata":${JSON.stringify(usage)}`;
    return this.#frame.chunk(`${chunkHead}{"text":""}],${reason}${counts}${this.#identity}`) + this.#frame.close();
  }

  #identityOf(responseId: string): string {
    return `,"modelVersion":${JSON.stringify(this.#context.model)},"responseId":${JSON.stringify(responseId)}}`;
  }

  #count(usage: Usage | undefined): string {
    if (usage !== undefined) this.#usage = mergeUsage(this.#usage, usage);
    return '';
  }

  #text(text: string, isThought: boolean): string {
    const rest = isThought === this.#isThought ? '' : this.#flush();
    this.#isThought = isThought;
    return rest + this.#textChunk(this.#whole.take(text));
  }

  #textChunk(text: string): string {
    if (text === '') return '';
    return this.#chunk(`{"text":${JSON.stringify(text)}${this.#isThought ? ',"thought":true' : ''}}`);
  }

  #flush(): string {
    return this.#textChunk(this.#whole.flush());
  }

  #opaque(data: string | undefined): string {
    return data === undefined ? '' : this.#part(thoughtPart('', data));
  }

  #endCall(): string {
    const call = this.#call;
    if (call === undefined) return '';
    this.#call = undefined;
    return this.#part(callPart(call, this.#json.join(''), this.#context.toolKinds));
  }

  #part(part: JsonObject): string {
    return this.#flush() + this.#chunk(JSON.stringify(part));
  }

  #chunk(part: string): string {
    return this.#frame.chunk(`${chunkHead}${part}],"role":"model"},"index":0}]${this.#identity}`);
  }
}
