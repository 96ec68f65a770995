import type { Json } from '../../kit/json.ts';
import type { KeyLimits } from '../auth/contract.ts';
import { openTextTokenEstimate } from '../conversation/estimate-text-tokens.ts';
import type { Call } from './call.ts';

// Bytes of English JSON per token, low on purpose: an estimate that is too high makes a client compact early, one
// that is too low makes it overflow.
export const bytesPerToken = 3.5;

/** The longest contexts in common use. A body with images has far more bytes than its tokens have. */
const admissionTokensMax = 200_000;

/**
 * Tokens that a call is expected to use, for its key's limits; corrected once it has ended. Never more than a minute's
 * worth: what is too long for that is then let in when nothing else is under way. Counting tokens uses none.
 */
export function admissionTokens({ body, isCount }: Call, { tokensPerMinute }: KeyLimits): number {
  if (isCount) return 0;
  const tokens = Math.min(Math.ceil(body.length / bytesPerToken), admissionTokensMax);
  return tokensPerMinute === undefined ? tokens : Math.min(tokens, tokensPerMinute);
}

/** Bodies beyond this are counted by their length: parsing a megabyte holds the event loop for several milliseconds. */
const parsedBytesMax = 256 * 1024;

/** Providers charge an image by its pixels, which are not decoded here; 1500 is what a screen-sized one costs. */
const tokensPerFile = 1500;

/** Longer than any word: base64. */
const unbrokenLengthMin = 1024;

/** Tokens of a prompt whose upstream does not count them, by the texts in its body. */
export function estimatePrompt(body: Buffer): number {
  const parsed = body.length > parsedBytesMax ? undefined : parse(body);
  if (parsed === undefined) return Math.min(Math.ceil(body.length / bytesPerToken), admissionTokensMax);
  const estimate = openTextTokenEstimate();
  let files = 0;
  eachText(parsed, (text) => {
    if (text.length >= unbrokenLengthMin && !/\s/.test(text)) files++;
    else estimate.push(`${text}\n`);
  });
  return estimate.tokens + files * tokensPerFile;
}

/** Deeper than any prompt with its schemas; what a client nests deeper is not worth a stack. */
const depthMax = 128;

/** Names of members count too: those of schemas are part of the prompt, the others a fraction of it. */
function eachText(value: Json | undefined, visit: (text: string) => void, depth = 0): void {
  if (depth > depthMax) return;
  if (typeof value === 'string') visit(value);
  else if (Array.isArray(value)) for (const element of value) eachText(element, visit, depth + 1);
  else if (typeof value === 'object' && value !== null) {
    for (const name in value) {
      visit(name);
      eachText(value[name], visit, depth + 1);
    }
  }
}

function parse(body: Buffer): Json | undefined {
  try {
    return JSON.parse(body.toString()) as Json;
  } catch {
    // The transparent route takes anything; what is not JSON is counted by its length.
    return undefined;
  }
}
