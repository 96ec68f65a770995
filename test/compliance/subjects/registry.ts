import type { Subject } from '../contract.ts';
import { claudeCustom } from './claude-custom.ts';
import { openaiCustomChat, openaiCustomResponses } from './openai-custom.ts';

export const subjects: readonly Subject[] = [openaiCustomChat, openaiCustomResponses, claudeCustom];
