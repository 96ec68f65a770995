import type { JsonObject } from '../../../kit/json.ts';
import type { Answer, Part } from '../../conversation/contract.ts';
import type { AnswerContext } from '../contract.ts';
import { joinedTexts } from '../joined-texts.ts';
import { callFacts, callItem, imageItem, type ItemStatus, messageItem, reasoningItem } from './output-items.ts';
import { sealCall, sealRedacted, sealThinking } from './reasoning.ts';
import { idStem, responseObject, statusOf } from './response-object.ts';
import { encodeUsage } from './usage.ts';

/** A complete answer as the API's `Response`. */
export function encodeAnswer(answer: Answer, context: AnswerContext): JsonObject {
  const stem = idStem(answer.id, context.requestId);
  const status = statusOf(answer.finish);
  const output = new OutputList(stem, context.toolKinds, status);
  const parts = joinedTexts(answer.parts);
  for (const part of parts) output.add(part, part === parts.at(-1));
  return responseObject(
    {
      id: `resp_${stem}`,
      status,
      output: output.items,
      usage: encodeUsage(answer.usage, context.estimatedInputTokens),
      finish: answer.finish,
    },
    context,
  );
}

class OutputList {
  readonly items: JsonObject[] = [];
  readonly #stem: string;
  readonly #kinds: ReadonlyMap<string, string> | undefined;
  readonly #statusOfLast: ItemStatus;

  constructor(stem: string, kinds: ReadonlyMap<string, string> | undefined, statusOfLast: ItemStatus) {
    this.#stem = stem;
    this.#kinds = kinds;
    this.#statusOfLast = statusOfLast;
  }

  add(part: Part, isLast: boolean): void {
    const status = isLast ? this.#statusOfLast : 'completed';
    switch (part.type) {
      case 'text':
        if (part.text !== '') this.items.push(messageItem(this.#id('msg'), status, part.text.toWellFormed()));
        return;
      case 'thinking':
        this.items.push(reasoningItem(this.#id('rs'), part.text.toWellFormed(), sealThinking(part.signature)));
        return;
      case 'redacted_thinking':
        this.items.push(reasoningItem(this.#id('rs'), undefined, sealRedacted(part.data)));
        return;
      case 'image':
        if (part.data !== undefined) this.items.push(imageItem(this.#id('ig'), part.data));
        return;
      case 'tool_call': {
        if (part.signature !== undefined) {
          this.items.push(reasoningItem(this.#id('rs'), undefined, sealCall(part.signature)));
        }
        const facts = callFacts(part, this.#stem, this.items.length, this.#kinds);
        this.items.push(callItem(facts, 'completed', part.argumentsJson === '' ? '{}' : part.argumentsJson));
        return;
      }
      default:
      // Documents, audio and tool results are never part of an answer.
    }
  }

  #id(prefix: string): string {
    return `${prefix}_${this.#stem}_${this.items.length}`;
  }
}
