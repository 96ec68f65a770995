import type {
  Answer,
  FinishReason,
  ImagePart,
  Part,
  StreamEvent,
  TextPart,
  ThinkingPart,
  ToolCallPart,
  Usage,
} from './contract.ts';

/** The whole answer that a list of stream events tells; throws the Fault of a `fault` event. */
export function fold(events: Iterable<StreamEvent>): Answer {
  const folder = new AnswerFolder();
  for (const event of events) folder.push(event);
  return folder.answer();
}

/** Collects stream events into one answer, for clients that do not stream. */
export class AnswerFolder {
  #id = '';
  #model = '';
  readonly #parts: Part[] = [];
  /** Deltas of the part at the end; joined once, when the part is closed. */
  #pieces: string[] = [];
  #open: TextPart | ThinkingPart | ToolCallPart | undefined;
  #finish: FinishReason | undefined;
  #stopSequence: string | undefined;
  #usage: Usage = {};

  /** Whether `finish` has been seen. */
  get isFinished(): boolean {
    return this.#finish !== undefined;
  }

  /** Takes the next event; throws the Fault of a `fault` event. */
  push(event: StreamEvent): void {
    switch (event.type) {
      case 'start':
        this.#id = event.id;
        this.#model = event.model;
        if (event.usage !== undefined) this.#usage = mergeUsage(this.#usage, event.usage);
        return;
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage);
        return;
      case 'finish':
        this.#close();
        this.#finish = event.reason;
        this.#stopSequence = event.stopSequence;
        return;
      case 'fault':
        throw event.fault;
      default:
        this.#pushContent(event);
    }
  }

  /** The answer so far; `stop` when no finish has been seen. */
  answer(): Answer {
    this.#close();
    const answer: Answer = {
      id: this.#id,
      model: this.#model,
      parts: this.#parts,
      finish: this.#finish ?? 'stop',
      usage: this.#usage,
    };
    if (this.#stopSequence !== undefined) answer.stopSequence = this.#stopSequence;
    return answer;
  }

  #pushContent(event: StreamEvent): void {
    switch (event.type) {
      case 'text':
        if (event.text !== '') this.#append('text', event.text);
        return;
      case 'thinking':
        if (event.text !== '') this.#append('thinking', event.text);
        return;
      case 'thinking_signature':
        this.#sign(event.signature);
        return;
      case 'tool_start':
        this.#begin(toolCallOf(event));
        return;
      case 'tool_arguments':
        this.#pieces.push(event.json);
        return;
      case 'tool_end':
        this.#close();
        return;
      default:
        this.#pushWhole(event);
    }
  }

  #pushWhole(event: StreamEvent): void {
    this.#close();
    if (event.type === 'redacted_thinking') this.#parts.push({ type: 'redacted_thinking', data: event.data });
    else if (event.type === 'image') {
      const image: ImagePart = { type: 'image', mediaType: event.mediaType, data: event.data };
      this.#parts.push(image);
    }
  }

  #append(type: 'text' | 'thinking', text: string): void {
    if (this.#open?.type !== type) this.#begin({ type, text: '' });
    this.#pieces.push(text);
  }

  /** A signature ends its thinking; one without text before it stands for thinking that is not shown. */
  #sign(signature: string): void {
    if (this.#open?.type !== 'thinking') this.#begin({ type: 'thinking', text: '' });
    if (this.#open?.type === 'thinking') this.#open.signature = signature;
    this.#close();
  }

  #begin(part: TextPart | ThinkingPart | ToolCallPart): void {
    this.#close();
    this.#open = part;
    this.#parts.push(part);
  }

  #close(): void {
    const part = this.#open;
    if (part === undefined) return;
    const joined = this.#pieces.join('');
    if (part.type === 'tool_call') part.argumentsJson = joined.trim() === '' ? '{}' : joined;
    else part.text = joined;
    this.#open = undefined;
    this.#pieces = [];
  }
}

/** Later counts replace earlier ones; what is absent later stays. */
export function mergeUsage(earlier: Usage, later: Usage): Usage {
  const merged: Usage = { ...earlier };
  if (later.inputTotal !== undefined) merged.inputTotal = later.inputTotal;
  if (later.cacheRead !== undefined) merged.cacheRead = later.cacheRead;
  if (later.cacheWrite !== undefined) merged.cacheWrite = later.cacheWrite;
  if (later.outputTotal !== undefined) merged.outputTotal = later.outputTotal;
  if (later.reasoning !== undefined) merged.reasoning = later.reasoning;
  if (later.estimated !== undefined) merged.estimated = later.estimated;
  return merged;
}

function toolCallOf(event: Extract<StreamEvent, { type: 'tool_start' }>): ToolCallPart {
  const call: ToolCallPart = { type: 'tool_call', id: event.id, name: event.name, argumentsJson: '' };
  if (event.signature !== undefined) call.signature = event.signature;
  return call;
}
