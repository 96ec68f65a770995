import type { ClientProtocol } from '../contract.ts';
import { anthropicLimitHeaders } from '../limit-headers.ts';
import { decodeRequest } from './decode-request.ts';
import { encodeAnswer } from './encode-answer.ts';
import { AnthropicStreamEncoder } from './encode-stream.ts';
import { encodeFault, encodeStreamFault } from './errors.ts';
import { openRelay } from './relay.ts';
import { editRequest, renameAnswer, scanAnswer, scanRequest } from './scan.ts';

/** What clients of Anthropic Messages see. */
export const anthropicProtocol: ClientProtocol = {
  id: 'anthropic',
  scanRequest,
  editRequest,
  decodeRequest,
  encodeAnswer,
  openEncoder: (context) => new AnthropicStreamEncoder(context),
  openRelay,
  scanAnswer,
  renameAnswer,
  encodeFault,
  encodeStreamFault,
  limitHeaders: anthropicLimitHeaders,
  // A real event: some clients' timers do not count comments (Claude Code). Streams are never framed as JSON arrays here.
  keepAlive: { sse: 'event: ping\ndata: {"type":"ping"}\n\n', jsonArray: '' },
  encodeTokenCount: (inputTokens) => ({ input_tokens: inputTokens }),
};
