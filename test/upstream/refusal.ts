import type { WireAnswer } from './wire-event.ts';

/** Thrown by a validator; holds the vendor's own answer. */
export class Refusal extends Error {
  readonly answer: WireAnswer;
  constructor(answer: WireAnswer) {
    super(answer.body);
    this.answer = answer;
  }
}
