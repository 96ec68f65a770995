import type { UpstreamDialect } from '../contract.ts';
import { decodeAnswer } from './decode-answer.ts';
import { AnthropicStreamDecoder } from './decode-stream.ts';
import { encodeRequest } from './encode-request.ts';
import { readFault } from './errors.ts';

/** What upstreams that speak Anthropic Messages see. */
export const anthropicDialect: UpstreamDialect = {
  id: 'anthropic',
  encodeRequest,
  decodeAnswer,
  openDecoder: () => new AnthropicStreamDecoder(),
  readFault,
};
