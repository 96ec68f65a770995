import type { StreamEvent } from '../../conversation/contract.ts';
import { JsonShape, normaliseArguments } from './tool-arguments.ts';

/** A piece of a tool call as one delta brings it; '' and undefined where the delta says nothing. */
export interface CallFragment {
  id: string;
  index: number | undefined;
  name: string;
  json: string;
  signature: string | undefined;
}

/** One call that grows by fragments. Says as early as it safely can what it knows. */
export class StreamedCall {
  readonly index: number | undefined;
  upstreamId = '';
  name = '';
  #signature: string | undefined;
  #shape = new JsonShape();
  /** Argument text not said yet. */
  #held = '';
  #hasArguments = false;
  #isStarted = false;
  /** Arguments go out as they come; until then they are held, since they may have to be replaced. */
  #isLive = false;
  readonly #inventId: () => string;

  constructor(index: number | undefined, inventId: () => string) {
    this.index = index;
    this.#inventId = inventId;
  }

  /** Its arguments form whole JSON. */
  get isComplete(): boolean {
    return this.#shape.isComplete;
  }

  get hasArguments(): boolean {
    return this.#hasArguments;
  }

  get heldLength(): number {
    return this.#held.length;
  }

  /** Ids and names come once; repeats (the same or '') change nothing. */
  take(fragment: CallFragment): void {
    if (this.upstreamId === '') this.upstreamId = fragment.id;
    if (this.name === '') this.name = fragment.name;
    this.#signature ??= fragment.signature;
    if (fragment.json === '') return;
    this.#hasArguments = true;
    const accepted = this.#accept(fragment.json);
    this.#held += accepted;
  }

  /** Text past the end of complete arguments is a repetition, unless they were the empty `{}` that some begin with. */
  #accept(json: string): string {
    if (this.#held !== '' && !this.#isLive && json.trimStart().startsWith('{') && isEmptyObject(this.#held)) {
      this.#held = '';
      this.#shape = new JsonShape();
    }
    const used = this.#shape.push(json);
    return this.#isLive || this.#held.trimStart() === '' ? json.slice(0, used) : json;
  }

  /** Appends what can be said now. Only one call at a time may do so. */
  emit(out: StreamEvent[]): void {
    if (this.name === '' || (this.upstreamId === '' && !this.#hasArguments)) return;
    this.#start(out);
    this.#isLive ||= this.#held.trimStart().startsWith('{') && !isEmptyObject(this.#held);
    if (this.#isLive) this.#say(out, this.#held);
  }

  /** Appends the rest. A call that never got a name cannot be made and leaves nothing. */
  end(out: StreamEvent[]): void {
    if (this.name === '') return;
    this.#start(out);
    if (this.#isLive) this.#say(out, this.#held + this.#shape.closing());
    else this.#say(out, normaliseArguments(this.#held));
    out.push({ type: 'tool_end' });
  }

  #start(out: StreamEvent[]): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const id = this.upstreamId === '' ? this.#inventId() : this.upstreamId;
    const start: StreamEvent = { type: 'tool_start', id, name: this.name };
    if (this.#signature !== undefined) start.signature = this.#signature;
    out.push(start);
  }

  #say(out: StreamEvent[], json: string): void {
    this.#held = '';
    if (json !== '') out.push({ type: 'tool_arguments', json });
  }
}

function isEmptyObject(json: string): boolean {
  return json.length < 64 && /^\s*\{\s*\}\s*$/.test(json);
}
