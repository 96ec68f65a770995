import type { Subject } from '../contract.ts';
import { amazonq } from './amazonq.ts';
import { claudeCustom } from './claude-custom.ts';
import { geminiKey, geminiLogin } from './gemini-cli.ts';
import { kiroQ, kiroRuntime } from './kiro-api.ts';
import { ociCohere, ociCohereV2, ociGeneric } from './oci.ts';
import { openaiCustomChat, openaiCustomResponses } from './openai-custom.ts';
import { qwenKey, qwenLogin } from './qwen-api.ts';

/** In the order of docs/providers.md. */
export const subjects: readonly Subject[] = [
  openaiCustomChat,
  openaiCustomResponses,
  claudeCustom,
  ociGeneric,
  ociCohere,
  ociCohereV2,
  geminiKey,
  geminiLogin,
  qwenKey,
  qwenLogin,
  kiroRuntime,
  kiroQ,
  amazonq,
];
