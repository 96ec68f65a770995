import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { openTextTokenEstimate } from '../../conversation/estimate-text-tokens.ts';

/** What a screen-sized image costs; they are not decoded here. */
const tokensPerImage = 1_500;

/** Characters that are looked at: of each text its beginning, and of all together no more than cost a millisecond. */
const sampledPerText = 400;
const sampledMax = 30_000;

/**
 * Tokens of a request's `conversationState`: its texts by their length, at the rate of a sample of them, since looking
 * at every character of a long conversation would hold the event loop; its images by their number.
 */
export function estimateInputTokens(state: JsonObject): number {
  const sum = new InputSum();
  sum.add(state);
  return sum.tokens;
}

class InputSum {
  readonly #sample = openTextTokenEstimate();
  #sampledLength = 0;
  #length = 0;
  #images = 0;

  get tokens(): number {
    const rate = this.#sampledLength === 0 ? 0 : this.#sample.tokens / this.#sampledLength;
    return Math.ceil(this.#length * rate) + this.#images * tokensPerImage;
  }

  add(value: Json | undefined): void {
    if (typeof value === 'string') this.#addText(value);
    else if (Array.isArray(value)) for (const item of value) this.add(item);
    else if (isImage(value)) this.#images++;
    else if (isJsonObject(value)) this.#addMembers(value);
  }

  #addMembers(object: JsonObject): void {
    for (const key in object) {
      this.#addText(key);
      this.add(object[key]);
    }
  }

  #addText(text: string): void {
    this.#length += text.length;
    const length = Math.min(text.length, sampledPerText, sampledMax - this.#sampledLength);
    if (length <= 0) return;
    this.#sampledLength += length;
    this.#sample.push(text.slice(0, length));
  }
}

function isImage(value: Json | undefined): boolean {
  return isJsonObject(value) && isJsonObject(value['source']) && typeof value['source']['bytes'] === 'string';
}
