import type { ClientProtocol } from '../contract.ts';
import { openaiLimitHeaders } from '../limit-headers.ts';
import { SseRelay } from '../sse-relay.ts';
import { decodeRequest } from './decode.ts';
import { encodeAnswer } from './encode.ts';
import { encodeFault, encodeStreamFault } from './errors.ts';
import { ResponsesRelayReader } from './relay.ts';
import { editRequest, renameAnswer, scanAnswer, scanRequest } from './scan.ts';
import { ResponsesEncoder } from './stream.ts';

/** `POST /v1/responses` of OpenAI, as Codex and the OpenAI SDKs speak it. */
export const openaiResponsesProtocol: ClientProtocol = {
  id: 'openai-responses',
  scanRequest,
  editRequest,
  decodeRequest,
  encodeAnswer,
  openEncoder: (context) => new ResponsesEncoder(context),
  openRelay: (options) => new SseRelay(new ResponsesRelayReader(options), options),
  scanAnswer,
  renameAnswer,
  encodeFault,
  encodeStreamFault,
  limitHeaders: openaiLimitHeaders,
  // Comments are skipped by every reader of server-sent events; there is no other framing here.
  keepAlive: { sse: ': keepalive\n\n', jsonArray: '' },
  // https://platform.openai.com/docs/api-reference/responses/input-tokens
  encodeTokenCount: (inputTokens) => ({ object: 'response.input_tokens', input_tokens: inputTokens }),
};
