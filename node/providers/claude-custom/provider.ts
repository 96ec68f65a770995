import type { Provider } from '../contract.ts';
import { type ClaudeCustomCredential, claudeCustomCredential } from './credential.ts';
import { ClaudeCustomUpstream } from './upstream.ts';

/** Anything that speaks Anthropic's API: Anthropic itself, and the relatives of z.ai, Moonshot, DeepSeek, MiniMax … */
export const claudeCustomProvider: Provider<ClaudeCustomCredential> = {
  id: 'claude-custom',
  credential: claudeCustomCredential,
  open: (account, environment) => new ClaudeCustomUpstream(account, environment),
};
