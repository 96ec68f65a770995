import { type Random, requestId } from '../../../kit/random.ts';
import type { StreamDecoder } from '../contract.ts';
import type { DecodeOptions } from './decode-response.ts';
import { GeminiStreamDecoder, type Unwrap } from './decode-stream.ts';

/** As long as OpenAI's own, within every client's limit. */
const inventedIdLength = 24;

/** What providers of this dialect use: it has no bytes of its own for a model, so it is no `UpstreamDialect`. */
export { decodeAnswer, type Unwrap } from './decode-stream.ts';
export { encodeRequest, type EncodedGemini } from './encode-request.ts';
export { escapeSignatures, isAboutSignatures } from './escape-signatures.ts';
export { readFault } from './read-fault.ts';

/** Ids for calls, which Gemini mostly leaves without. */
export function callIdsOf(random: Random): () => string {
  return () => `call_${requestId(random, inventedIdLength)}`;
}

export function openDecoder(options: DecodeOptions, unwrap?: Unwrap): StreamDecoder {
  return new GeminiStreamDecoder(options, unwrap);
}
