import { geminiProvider } from '../../../../node/providers/gemini-cli/index.ts';
import { GivenToken } from '../../../suites/given-token.ts';
import { describeProvider } from '../../../suites/provider.ts';
import { geminiModels, type GeminiUpstream, startGemini } from '../../../upstream/gemini/upstream.ts';

/** Calls come whole, thoughts on demand, and parallel calls cannot be switched off. */
const cannot = ['interleaved-tools', 'unasked-thinking', 'parallel-switch'] as const;

for (const model of ['gemini-2.5-flash', 'gemini-3-pro-preview']) {
  describeProvider({
    provider: geminiProvider,
    startUpstream: () => startGemini(),
    accountFields: (upstream, key) => ({ ...(upstream as GeminiUpstream).account('suite', 'key'), api_key: key }),
    model,
    listed: geminiModels,
    cannot,
  });

  describeProvider({
    provider: geminiProvider,
    startUpstream: () => startGemini(),
    accountFields: (upstream, key) => ({
      ...(upstream as GeminiUpstream).account('suite', 'login'),
      refresh_token: `rt-${key}`,
    }),
    environment: (_, key) => ({ token: new GivenToken(key) }),
    refusedAs: { 'wrong key': 'upstream_token_refused', '401': 'upstream_token_refused' },
    model,
    cannot: [...cannot, 'model-list'],
  });
}
