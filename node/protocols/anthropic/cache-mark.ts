import type { JsonObject } from '../../../kit/json.ts';
import type { TextPart } from '../../conversation/contract.ts';
import { optionalObject, requiredString } from '../fields.ts';

/** A text block, with its cache mark. */
export function textPart(block: JsonObject, path: string): TextPart {
  const part: TextPart = { type: 'text', text: requiredString(block, 'text', path) };
  return marked(part, block, path);
}

/** Keeps `cache_control` as it came. */
export function marked<T extends { cacheControl?: JsonObject }>(part: T, block: JsonObject, path: string): T {
  const cacheControl = optionalObject(block, 'cache_control', path);
  if (cacheControl !== undefined) part.cacheControl = cacheControl;
  return part;
}
