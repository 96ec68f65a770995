import type { Provider } from '../contract.ts';
import { type OpenaiCustomCredential, openaiCustomCredential } from './credential.ts';
import { OpenaiCustomUpstream } from './upstream.ts';

/** Anything that speaks OpenAI's API: OpenAI, Azure, OpenRouter, DeepSeek, Groq, vLLM, Ollama, llama.cpp … */
export const openaiCustomProvider: Provider<OpenaiCustomCredential> = {
  id: 'openai-custom',
  credential: openaiCustomCredential,
  open: (account, environment) => new OpenaiCustomUpstream(account, environment),
};
