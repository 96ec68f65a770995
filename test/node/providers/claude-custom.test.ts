import { claudeCustomProvider } from '../../../node/providers/claude-custom/index.ts';
import { describeProvider } from '../../suites/provider.ts';
import { start } from '../../upstream/upstream.ts';

for (const auth of ['x-api-key', 'bearer']) {
  describeProvider({
    provider: claudeCustomProvider,
    startUpstream: () => start(),
    accountFields: (upstream, key) => ({ base_url: upstream.anthropicBaseUrl, api_key: key, auth }),
    model: 'claude-sonnet-4-5',
  });
}
