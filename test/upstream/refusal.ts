import type { WireAnswer } from './wire-event.ts';

/** Thrown by a validator; holds the vendor's own answer. */
export class Refusal extends Error {
  readonly answer: WireAnswer;
  /** Which rule was broken, where the vendor does not say; kept in the record of the request. */
  readonly complaint: string | undefined;
  constructor(answer: WireAnswer, complaint?: string) {
    super(answer.body);
    this.answer = answer;
    this.complaint = complaint;
  }
}
