import { type Random, requestId, systemRandom } from '../../../kit/random.ts';
import type { ClientProtocol, UpstreamDialect } from '../contract.ts';
import { openaiLimitHeaders } from '../limit-headers.ts';
import { decodeAnswer } from './decode-answer.ts';
import { decodeRequest } from './decode-request.ts';
import { OpenaiChatStreamDecoder } from './decode-stream.ts';
import { encodeAnswer } from './encode-answer.ts';
import { encodeRequest } from './encode-request.ts';
import { OpenaiChatStreamEncoder } from './encode-stream.ts';
import { encodeFault, encodeStreamFault } from './errors.ts';
import { readFault } from './read-fault.ts';
import { OpenaiChatRelay } from './relay.ts';
import { editRequest, renameAnswer, scanAnswer, scanRequest } from './scan.ts';

/** The client side of OpenAI Chat Completions (https://platform.openai.com/docs/api-reference/chat). */
export const openaiChatProtocol: ClientProtocol = {
  id: 'openai-chat',
  scanRequest,
  editRequest,
  decodeRequest,
  encodeAnswer,
  openEncoder: (context) => new OpenaiChatStreamEncoder(context),
  openRelay: (options) => new OpenaiChatRelay(options),
  scanAnswer,
  renameAnswer,
  encodeFault,
  encodeStreamFault,
  limitHeaders: openaiLimitHeaders,
  // A comment: parsers of this format ignore it.
  keepAlive: { sse: ': keepalive\n\n', jsonArray: '' },
  encodeTokenCount: (inputTokens) => ({ input_tokens: inputTokens }),
};

/** The upstream side. `random` makes ids for calls that come without one. */
export function openaiChatDialectWith(random: Random): UpstreamDialect {
  const inventId = () => `call_${requestId(random, inventedIdLength)}`;
  return {
    id: 'openai-chat',
    encodeRequest,
    decodeAnswer: (body) => decodeAnswer(body, inventId),
    openDecoder: () => new OpenaiChatStreamDecoder(inventId),
    readFault,
  };
}

/** As long as OpenAI's own: `call_` and 24 characters, within every upstream's limit. */
const inventedIdLength = 24;

export const openaiChatDialect: UpstreamDialect = openaiChatDialectWith(systemRandom);
