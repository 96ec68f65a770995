import type { Answer, Conversation } from '../conversation/contract.ts';
import type { CodewhispererReader, CodewhispererTraits, ReadingContext } from '../protocols/codewhisperer/contract.ts';
import { encodeRequest } from '../protocols/codewhisperer/encode-request.ts';
import type { StreamDecoder } from '../protocols/contract.ts';
import type { AnswerReader } from './contract.ts';

export interface CallParts {
  readonly conversation: Conversation;
  readonly reader: CodewhispererReader;
  /** Id of the answer. */
  readonly id: string;
  readonly contextTokens: number;
  /** An answer came: the way in which it was asked last is a good one. */
  readonly onAnswer: (traits: CodewhispererTraits) => void;
}

/** Every few characters of an answer come in a frame of some 170 bytes; the longest answers have 64,000 of them. */
const wholeBytesMax = 16 * 1024 * 1024;

/** One conversation on its way to the service. It may be written a second time, for another host or profile. */
export class CodewhispererCall implements AnswerReader {
  readonly wholeIsStream = true;
  readonly wholeBytesMax = wholeBytesMax;
  readonly #parts: CallParts;
  #traits: CodewhispererTraits;
  #reading: ReadingContext;
  /** What the first writing left out. */
  readonly dropped: string[];
  /** As it was written last; taken once. */
  #body: string;

  constructor(parts: CallParts, traits: CodewhispererTraits) {
    // Its owner changes the object for other accounts.
    this.#parts = { ...parts, conversation: { ...parts.conversation } };
    const { body, dropped, reading } = encodeRequest(this.#parts.conversation, traits, parts.contextTokens);
    this.#traits = traits;
    this.#reading = reading;
    this.#body = JSON.stringify(body);
    this.dropped = dropped;
  }

  /** How it was asked last. */
  get traits(): CodewhispererTraits {
    return this.#traits;
  }

  /** Writes it in another way; its answer is read accordingly. */
  rewrite(traits: CodewhispererTraits): { body: string; dropped: string[] } {
    const { body, dropped, reading } = encodeRequest(this.#parts.conversation, traits, this.#parts.contextTokens);
    this.#traits = traits;
    this.#reading = reading;
    return { body: JSON.stringify(body), dropped };
  }

  /** The text as it was written first, which is not kept here any longer than needed. */
  takeBody(): string {
    const body = this.#body;
    this.#body = '';
    return body;
  }

  decodeAnswer(body: Buffer): Answer {
    const answer = this.#parts.reader.decodeAnswer(body, this.#reading, this.#parts.id);
    this.#parts.onAnswer(this.#traits);
    return answer;
  }

  openDecoder(): StreamDecoder {
    this.#parts.onAnswer(this.#traits);
    return this.#parts.reader.openDecoder(this.#reading, this.#parts.id);
  }
}
