import { kiroProvider } from '../../../../node/providers/kiro-api/index.ts';
import { GivenToken } from '../../../suites/given-token.ts';
import { describeProvider } from '../../../suites/provider.ts';
import { assistantModels } from '../../../upstream/codewhisperer/start.ts';
import { startKiro } from '../../../upstream/kiro/kiro.ts';
import { socialProfileArn } from '../../../upstream/oauth-issuer.ts';

const common = {
  provider: kiroProvider,
  refusedAs: {
    'wrong key': 'upstream_token_refused',
    '401': 'upstream_token_refused',
  },
  model: 'claude-sonnet-4.5',
  listed: assistantModels,
  // The operation has no field for a bound or a choice of tools, and no word for a refusal.
  cannot: ['interleaved-tools', 'reset-headers', 'tool-choice', 'parallel-switch', 'output-bound', 'refusal'],
} as const;

describeProvider({
  ...common,
  startUpstream: () => startKiro(),
  accountFields: ({ url }, key) => ({ refresh_token: key, base_url: url, token_url: `${url}/refreshToken` }),
  environment: (_upstream, key) => ({ token: new GivenToken(key) }),
});

describeProvider({
  ...common,
  startUpstream: () => startKiro({ isRuntime: true }),
  accountFields: ({ url }, key) => ({
    refresh_token: key,
    base_url: url,
    token_url: `${url}/refreshToken`,
    host: 'runtime',
  }),
  environment: (_upstream, key) => ({ token: new GivenToken(key, { profile_arn: socialProfileArn }) }),
});
