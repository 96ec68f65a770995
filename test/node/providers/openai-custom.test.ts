import { openaiCustomProvider } from '../../../node/providers/openai-custom/index.ts';
import { describeProvider } from '../../suites/provider.ts';
import { start } from '../../upstream/upstream.ts';

describeProvider({
  provider: openaiCustomProvider,
  startUpstream: () => start(),
  accountFields: (upstream, key) => ({ base_url: upstream.openaiBaseUrl, api_key: key, responses: true }),
  model: 'gpt-4o-mini',
  // Chat Completions has no signatures.
  cannot: ['signed-thinking'],
});
