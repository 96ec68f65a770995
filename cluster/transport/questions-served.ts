import type { Clock } from '../../kit/clock.ts';
import type { TransportLimits } from './contract.ts';
import { encodeAnswer, encodeRefusal, type AskMessage } from './ask-message.ts';

/** A question is kept no longer than this, whatever its asker says. */
const keptMsMax = 600_000;

export type Question = Extract<AskMessage, { kind: 'question' }>;

/** What one peer asks: at most `questionsMax` at a time. A question is over when it is answered or its asker gave up. */
export class QuestionsServed {
  readonly #clock: Clock;
  readonly #limits: TransportLimits;
  /** Questions under way: when each one's asker gives up, monotonic. */
  readonly #underWay = new Map<object, number>();

  constructor(clock: Clock, limits: TransportLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get size(): number {
    return this.#underWay.size;
  }

  /** Takes a question and answers with what its answer is given to, or refuses it. `reply` puts bytes on the lane. */
  take(question: Question, reply: (bytes: Uint8Array) => boolean): ((answer: Uint8Array) => void) | undefined {
    if (this.#isFull()) {
      reply(encodeRefusal(question.id));
      return undefined;
    }
    const place = {};
    this.#underWay.set(place, this.#clock.monotonicMs() + Math.min(question.timeoutMs, keptMsMax));
    return (answer) => {
      if (!this.#underWay.delete(place)) return;
      const isTooLarge = answer.length > this.#limits.askBytesMax;
      // An answer that does not fit into the peer's buffer any more is as good as none: it is told so, in a few bytes.
      if (isTooLarge || !reply(encodeAnswer(question.id, answer))) reply(encodeRefusal(question.id));
    };
  }

  end(): void {
    this.#underWay.clear();
  }

  #isFull(): boolean {
    if (this.#underWay.size < this.#limits.questionsMax) return false;
    const nowMs = this.#clock.monotonicMs();
    for (const [place, untilMs] of this.#underWay) if (untilMs <= nowMs) this.#underWay.delete(place);
    return this.#underWay.size >= this.#limits.questionsMax;
  }
}
