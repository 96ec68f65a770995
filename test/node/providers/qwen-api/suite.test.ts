import { qwenProvider } from '../../../../node/providers/qwen-api/index.ts';
import { GivenToken } from '../../../suites/given-token.ts';
import { describeProvider } from '../../../suites/provider.ts';
import { type QwenUpstream, startQwen } from '../../../upstream/qwen/upstream.ts';

/** Neither door lists models, has signatures, or takes OpenAI's switch for parallel calls. */
const cannot = ['model-list', 'signed-thinking', 'reset-headers', 'parallel-switch'] as const;

describeProvider({
  provider: qwenProvider,
  startUpstream: () => startQwen(),
  accountFields: (upstream, key) => ({ ...(upstream as QwenUpstream).account('suite', 'key'), api_key: key }),
  model: 'qwen3-max',
  cannot,
});

describeProvider({
  provider: qwenProvider,
  startUpstream: () => startQwen(),
  accountFields: (upstream, key) => {
    const { token_url: url, base_url: base } = (upstream as QwenUpstream).account('suite', 'login');
    return { refresh_token: `rt-${key}`, token_url: url, base_url: base };
  },
  environment: (_, key) => ({ token: new GivenToken(key) }),
  refusedAs: {
    'wrong key': 'upstream_token_refused',
    '401': 'upstream_token_refused',
    '403': 'upstream_token_refused',
  },
  model: 'coder-model',
  cannot,
});
