import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { openTextTokenEstimate, type TextTokenEstimate } from '../../conversation/estimate-text-tokens.ts';

/** What a screen-sized image costs; they are not decoded here. */
const tokensPerImage = 1_500;

/** Tokens of a request's `conversationState`, estimated over every text in it; its images by their number. */
export function estimateInputTokens(state: JsonObject): number {
  const texts = openTextTokenEstimate();
  const images = collect(state, texts);
  return texts.tokens + images * tokensPerImage;
}

/** Takes in all texts; answers how many images there are. */
function collect(value: Json | undefined, texts: TextTokenEstimate): number {
  if (typeof value === 'string') texts.push(value);
  if (typeof value !== 'object' || value === null) return 0;
  if (isImage(value)) return 1;
  let images = 0;
  for (const [key, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) texts.push(` ${key} `);
    images += collect(inner as Json | undefined, texts);
  }
  return images;
}

function isImage(value: Json): boolean {
  return isJsonObject(value) && isJsonObject(value['source']) && typeof value['source']['bytes'] === 'string';
}
