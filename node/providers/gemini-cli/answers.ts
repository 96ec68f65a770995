import type { Random } from '../../../kit/random.ts';
import type { Answer } from '../../conversation/contract.ts';
import type { StreamDecoder } from '../../protocols/contract.ts';
import {
  callIdsOf,
  decodeAnswer,
  type EncodedGemini,
  openDecoder,
  type Unwrap,
} from '../../protocols/gemini/upstream.ts';
import type { AnswerReader } from '../contract.ts';
import { jsonAnswer } from '../json-answer.ts';

/** Reads the answers of one account. */
export class GeminiAnswers implements AnswerReader {
  readonly #inventId: () => string;
  readonly #unwrap: Unwrap | undefined;

  /** `unwrap`: takes off the envelope that each response stands in; absent: there is none. */
  constructor(random: Random, unwrap?: Unwrap) {
    this.#inventId = callIdsOf(random);
    this.#unwrap = unwrap;
  }

  decodeAnswer(body: Buffer): Answer {
    return decodeAnswer(jsonAnswer(body, 'answer'), { inventId: this.#inventId }, this.#unwrap);
  }

  openDecoder(): StreamDecoder {
    return openDecoder({ inventId: this.#inventId }, this.#unwrap);
  }

  /** For the answer to a request whose tools went under other names. */
  reader(toolNames: EncodedGemini['toolNames']): AnswerReader {
    const options = { inventId: this.#inventId, toolNames };
    return {
      decodeAnswer: (body) => decodeAnswer(jsonAnswer(body, 'answer'), options, this.#unwrap),
      openDecoder: () => openDecoder(options, this.#unwrap),
    };
  }
}
