import type { Speaker } from '../contract.ts';
import { anthropicSpeaker } from './anthropic.ts';
import { geminiSpeaker } from './gemini.ts';
import { openaiChatSpeaker } from './openai-chat.ts';
import { openaiResponsesSpeaker } from './openai-responses.ts';

export const speakers: readonly Speaker[] = [
  anthropicSpeaker,
  openaiChatSpeaker,
  openaiResponsesSpeaker,
  geminiSpeaker,
];
