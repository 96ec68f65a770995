import { type Upstream, upstreamKey } from '../../../test/upstream/upstream.ts';

export const chatModel = 'gpt-4o-mini';
export const claudeModel = 'claude-sonnet-5-5';
/** Served by two accounts, of which the first one always fails. */
export const sharedModel = 'gpt-5';

/** Served by one account, which always fails. */
export const failingModel = 'gpt-4.1';
export const failingAccount = 'failing';
export const claudeAccount = 'claude';

/** What Claude Code may ask for by itself. */
const claudeModels = [
  claudeModel,
  'claude-haiku-4-5',
  'claude-haiku-4-5-20251001',
  'claude-sonnet-4-5',
  'claude-sonnet-4-5-20250929',
  'claude-sonnet-4-6',
  'claude-opus-4-6',
  'claude-opus-4-7',
  'claude-opus-4-8',
  'claude-opus-5',
  'claude-opus-5-5',
  'claude-sonnet-5',
];

/** Accounts in the form of the configuration file. */
export function accountsAt({ openaiBaseUrl, anthropicBaseUrl }: Upstream): Record<string, unknown>[] {
  return [
    {
      id: 'openai',
      provider: 'openai-custom',
      base_url: openaiBaseUrl,
      api_key: upstreamKey,
      models: [chatModel, sharedModel],
    },
    {
      id: claudeAccount,
      provider: 'claude-custom',
      base_url: anthropicBaseUrl,
      api_key: upstreamKey,
      models: claudeModels,
    },
    // Ten times the weight: it is asked first.
    {
      id: 'broken',
      provider: 'openai-custom',
      base_url: openaiBaseUrl,
      api_key: 'sk-upstream:500',
      models: [sharedModel],
      weight: 100,
    },
    {
      id: failingAccount,
      provider: 'openai-custom',
      base_url: openaiBaseUrl,
      api_key: 'sk-upstream:500',
      models: [failingModel],
    },
  ];
}
