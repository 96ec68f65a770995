import type { Answer, Conversation } from '../conversation/contract.ts';
import type { CodewhispererReader, CodewhispererTraits, EncodedCodewhisperer } from '../protocols/codewhisperer/contract.ts';
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

/** One conversation on its way to the service. It may be written a second time, for another host or profile. */
export class CodewhispererCall implements AnswerReader {
  readonly #parts: CallParts;
  #traits: CodewhispererTraits;
  #encoded: EncodedCodewhisperer;

  constructor(parts: CallParts, traits: CodewhispererTraits) {
    // Its owner uses the object for other accounts.
    this.#parts = { ...parts, conversation: { ...parts.conversation } };
    this.#traits = traits;
    this.#encoded = encodeRequest(this.#parts.conversation, traits, parts.contextTokens);
  }

  /** Writes it in another way; answers are read accordingly. */
  rewrite(traits: CodewhispererTraits): void {
    this.#encoded = encodeRequest(this.#parts.conversation, traits, this.#parts.contextTokens);
    this.#traits = traits;
  }

  get traits(): CodewhispererTraits {
    return this.#traits;
  }

  get dropped(): string[] {
    return this.#encoded.dropped;
  }

  get body(): string {
    return JSON.stringify(this.#encoded.body);
  }

  decodeAnswer(body: Buffer): Answer {
    const answer = this.#parts.reader.decodeAnswer(body, this.#encoded.reading, this.#parts.id);
    this.#parts.onAnswer(this.#traits);
    return answer;
  }

  openDecoder(): StreamDecoder {
    this.#parts.onAnswer(this.#traits);
    return this.#parts.reader.openDecoder(this.#encoded.reading, this.#parts.id);
  }
}
