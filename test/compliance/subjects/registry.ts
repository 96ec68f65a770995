import type { Subject } from '../contract.ts';
import { claudeCustom } from './claude-custom.ts';
import { ociCohere, ociCohereV2, ociGeneric } from './oci.ts';
import { openaiCustomChat, openaiCustomResponses } from './openai-custom.ts';

/** In the order of docs/providers.md. */
export const subjects: readonly Subject[] = [
  openaiCustomChat,
  openaiCustomResponses,
  claudeCustom,
  ociGeneric,
  ociCohere,
  ociCohereV2,
];
