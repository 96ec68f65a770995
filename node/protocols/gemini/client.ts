import type { ClientProtocol } from '../contract.ts';
import { openaiLimitHeaders } from '../limit-headers.ts';
import { SseRelay } from '../sse-relay.ts';
import { decodeRequest } from './decode.ts';
import { encodeAnswer } from './encode.ts';
import { encodeFault, encodeStreamFault } from './errors.ts';
import { GeminiRelayReader } from './relay.ts';
import { editRequest, renameAnswer, scanAnswer, scanRequest } from './scan.ts';
import { GeminiEncoder } from './stream.ts';

/** `generateContent` and its relatives, as the Gemini API's SDKs and Gemini CLI speak them. */
export const geminiProtocol: ClientProtocol = {
  id: 'gemini',
  scanRequest,
  editRequest,
  decodeRequest,
  encodeAnswer,
  openEncoder: (context) => new GeminiEncoder(context),
  openRelay: (options) => new SseRelay(new GeminiRelayReader(options), options),
  scanAnswer,
  renameAnswer,
  encodeFault,
  encodeStreamFault,
  limitHeaders: openaiLimitHeaders,
  // A comment between events, white space between elements.
  keepAlive: { sse: ': keepalive\n\n', jsonArray: '\n' },
  encodeTokenCount: (inputTokens) => ({ totalTokens: inputTokens }),
};
