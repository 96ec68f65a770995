import type { StreamEvent } from '../../conversation/contract.ts';
import { protocolFaults } from '../faults.ts';
import { type CallFragment, StreamedCall } from './streamed-call.ts';

/** Calls in one answer: as many as the official SDK takes (`MAX_STREAM_TOOL_CALLS`). */
const callsMax = 128;

/** What may be held back while calls come interleaved, characters: far above any tool's arguments. */
const heldLengthMax = 16 * 1024 * 1024;

/**
 * Puts calls in order. Upstreams may send the deltas of parallel calls interleaved; the middle form has one call open
 * at a time, so the first unfinished one speaks and the others wait:
 *
 *   deltas   0a 1a 0b 1b 2a          said   0a 0b ┃ 1a 1b ┃ 2a
 *
 * A call's turn ends when its arguments are whole and another call or text has come, or when the answer ends.
 */
export class CallQueue {
  readonly #calls: StreamedCall[] = [];
  /** The call whose turn it is; equal to the length when none is open. */
  #head = 0;
  /** Text that came in the midst of a call. */
  #waiting: StreamEvent[] = [];
  #waitingLength = 0;
  readonly #inventId: () => string;

  constructor(inventId: () => string) {
    this.#inventId = inventId;
  }

  /** A call has begun that a client can be told of. */
  get hasNamedCall(): boolean {
    return this.#calls.some((call) => call.name !== '');
  }

  /** Throws a Fault when there are more calls, or more text is held, than any honest answer has. */
  push(fragment: CallFragment, out: StreamEvent[]): void {
    const call = findCall(this.#calls, fragment) ?? this.#add(fragment);
    // A call whose turn is over has said everything; what follows repeats it.
    if (this.#calls.indexOf(call) < this.#head) return;
    call.take(fragment);
    this.#advance(out);
    this.#checkHeld();
  }

  /** Text or thinking: at once when no call is open, after it otherwise. */
  pass(event: StreamEvent, length: number, out: StreamEvent[]): void {
    while (this.#calls[this.#head]?.isComplete) this.#endHead(out);
    if (this.#head === this.#calls.length) {
      this.#release(out);
      out.push(event);
      return;
    }
    this.#waiting.push(event);
    this.#waitingLength += length;
    this.#checkHeld();
  }

  /** The answer is over: everything held is said. */
  end(out: StreamEvent[]): void {
    while (this.#head < this.#calls.length) this.#endHead(out);
    this.#release(out);
  }

  #add(fragment: CallFragment): StreamedCall {
    if (this.#calls.length >= callsMax) {
      throw protocolFaults.upstream_bad_answer(`the upstream's answer holds more than ${callsMax} tool calls`);
    }
    const call = new StreamedCall(fragment.index, this.#inventId);
    this.#calls.push(call);
    return call;
  }

  #advance(out: StreamEvent[]): void {
    while (this.#head < this.#calls.length - 1 && this.#calls[this.#head]?.isComplete) this.#endHead(out);
    this.#calls[this.#head]?.emit(out);
  }

  #endHead(out: StreamEvent[]): void {
    this.#calls[this.#head]?.end(out);
    this.#head++;
  }

  #release(out: StreamEvent[]): void {
    out.push(...this.#waiting);
    this.#waiting = [];
    this.#waitingLength = 0;
  }

  #checkHeld(): void {
    let held = this.#waitingLength;
    for (let position = this.#head; position < this.#calls.length; position++) {
      held += this.#calls[position]?.heldLength ?? 0;
    }
    if (held > heldLengthMax) {
      throw protocolFaults.upstream_event_too_large("the upstream's interleaved tool calls exceed what a node holds");
    }
  }
}

export function openCallQueue(inventId: () => string): CallQueue {
  return new CallQueue(inventId);
}

/**
 * Which call a fragment continues: by id, else by index, else the last one; undefined begins a new call. Neither alone
 * will do: upstreams repeat index 0 for every call (langchain-ai/langchain#35281), leave out ids
 * (sgl-project/sglang#39782) or invent a new one for each delta.
 */
function findCall(calls: readonly StreamedCall[], fragment: CallFragment): StreamedCall | undefined {
  const { id, index } = fragment;
  const sameId = id === '' ? undefined : calls.findLast((call) => call.upstreamId === id);
  if (sameId !== undefined) return sameId;
  const candidate = index === undefined ? calls.at(-1) : calls.findLast((call) => call.index === index);
  return candidate === undefined || beginsAnother(candidate, fragment) ? undefined : candidate;
}

/** Only a fragment with a name can begin a call; it does when the candidate has an id, or arguments, of its own. */
function beginsAnother(candidate: StreamedCall, { id, name }: CallFragment): boolean {
  if (name === '' || candidate.name === '') return false;
  if (id !== '' && candidate.upstreamId !== '') return true;
  return candidate.name !== name || candidate.isComplete;
}
