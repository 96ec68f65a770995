import { ociProvider } from '../../../node/providers/oci/index.ts';
import { describeProvider } from '../../suites/provider.ts';
import { ociAccount, startOci } from '../../upstream/oci/upstream.ts';
import { defaultModels } from '../../upstream/upstream.ts';

describeProvider({
  provider: ociProvider,
  startUpstream: () => startOci({ models: defaultModels }),
  accountFields: (upstream, key) => ociAccount(upstream, key),
  model: 'xai.grok-3-mini',
  // Reasoning is shown and cannot be sent back signed; fragments of calls carry no index that could alternate; limits have no reset headers.
  cannot: ['signed-thinking', 'interleaved-tools', 'reset-headers'],
});
