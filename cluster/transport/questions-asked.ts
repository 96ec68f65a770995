import type { Clock, Timer } from '../../kit/clock.ts';
import { decodeAskMessage, encodeQuestion } from './ask-message.ts';

type Done = (answer: Uint8Array | undefined) => void;

/** Questions of this node under way at one peer; past it they fail at once. The parts above ask a few at a time. */
const pendingMax = 4_096;

/** What this node asked over one connection: each question ends once, with its answer or without. */
export class QuestionsAsked {
  readonly #clock: Clock;
  readonly #send: (bytes: Uint8Array) => boolean;
  readonly #pending = new Map<number, { readonly done: Done; readonly timer: Timer }>();
  #lastId = 0;

  /** `send` puts a message on the lane; false when it cannot. */
  constructor(clock: Clock, send: (bytes: Uint8Array) => boolean) {
    this.#clock = clock;
    this.#send = send;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** `done` is called from inside when the question cannot be sent. */
  ask(bytes: Uint8Array, timeoutMs: number, done: Done): void {
    const id = this.#nextId();
    if (this.#pending.size >= pendingMax || !this.#send(encodeQuestion(id, timeoutMs, bytes))) {
      done(undefined);
      return;
    }
    const timer = this.#clock.after(timeoutMs, () => this.#finish(id, undefined));
    this.#pending.set(id, { done, timer });
  }

  /** False when it is no message that answers. An answer to a question that is over is passed over. */
  receive(message: Uint8Array): boolean {
    const answer = decodeAskMessage(message);
    if (answer === undefined || answer.kind === 'question') return false;
    this.#finish(answer.id, answer.kind === 'answer' ? answer.bytes : undefined);
    return true;
  }

  /** Ends all of them without an answer. */
  end(): void {
    for (const id of this.#pending.keys()) this.#finish(id, undefined);
  }

  #finish(id: number, answer: Uint8Array | undefined): void {
    const question = this.#pending.get(id);
    if (question === undefined) return;
    this.#pending.delete(id);
    question.timer.cancel();
    question.done(answer);
  }

  #nextId(): number {
    do this.#lastId = (this.#lastId + 1) >>> 0;
    while (this.#pending.has(this.#lastId));
    return this.#lastId;
  }
}
