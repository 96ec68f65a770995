import { anthropicProtocol } from './anthropic/index.ts';
import type { ClientProtocol, ProtocolId } from './contract.ts';
import { geminiProtocol } from './gemini/index.ts';
import { openaiChatProtocol } from './openai-chat/index.ts';
import { openaiResponsesProtocol } from './openai-responses/index.ts';

/** The protocols that clients may speak. Adding one is a folder and a line here. */
export const clientProtocols: Readonly<Record<ProtocolId, ClientProtocol>> = {
  anthropic: anthropicProtocol,
  'openai-chat': openaiChatProtocol,
  'openai-responses': openaiResponsesProtocol,
  gemini: geminiProtocol,
};
