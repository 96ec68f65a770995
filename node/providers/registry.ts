import { amazonqProvider } from './amazonq/index.ts';
import { claudeCustomProvider } from './claude-custom/index.ts';
import type { Provider, ProviderId } from './contract.ts';
import { geminiProvider } from './gemini-cli/index.ts';
import { kiroProvider } from './kiro-api/index.ts';
import { ociProvider } from './oci/index.ts';
import { openaiCustomProvider } from './openai-custom/index.ts';
import { qwenProvider } from './qwen-api/index.ts';

/** Every provider there is. A new one is a folder and a line here. */
export const providers: ReadonlyMap<ProviderId, Provider<object>> = new Map<ProviderId, Provider<object>>([
  ['openai-custom', openaiCustomProvider],
  ['claude-custom', claudeCustomProvider],
  ['gemini-cli', geminiProvider],
  ['kiro-api', kiroProvider],
  ['qwen-api', qwenProvider],
  ['amazonq', amazonqProvider],
  ['oci', ociProvider],
]);
