import { amazonqProvider } from '../../../../node/providers/amazonq/index.ts';
import { GivenToken } from '../../../suites/given-token.ts';
import { describeProvider } from '../../../suites/provider.ts';
import { startAmazonq } from '../../../upstream/amazonq/amazonq.ts';
import { assistantModels } from '../../../upstream/codewhisperer/start.ts';

describeProvider({
  provider: amazonqProvider,
  startUpstream: () => startAmazonq(),
  accountFields: ({ url }, key) => ({ refresh_token: key, client_id: 'cid', client_secret: 'csec', base_url: url }),
  environment: (_upstream, key) => ({ token: new GivenToken(key) }),
  refusedAs: {
    'wrong key': 'upstream_token_refused',
    '401': 'upstream_token_refused',
  },
  model: 'claude-sonnet-4.5',
  listed: assistantModels,
  // The operation has no field for a bound or a choice of tools, and no word for a refusal.
  cannot: ['interleaved-tools', 'reset-headers', 'tool-choice', 'parallel-switch', 'output-bound', 'refusal'],
});
