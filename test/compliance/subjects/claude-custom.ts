import { thought } from '../../upstream/plan.ts';
import { signThinking } from '../../upstream/signature.ts';
import { start, upstreamKey } from '../../upstream/upstream.ts';
import type { Subject } from '../contract.ts';

export const claudeCustom: Subject = {
  id: 'claude-custom',
  title: '`claude-custom`',
  model: 'claude-sonnet-4-5',
  pairModel: 'claude-haiku-4-5',
  signature: () => signThinking(thought),
  async start() {
    const upstream = await start();
    return {
      upstream,
      account: (name) => ({
        provider: 'claude-custom',
        base_url: upstream.anthropicBaseUrl,
        api_key: `${upstreamKey}-${name}`,
      }),
      close: () => upstream.close(),
    };
  },
  cannot: { 'expired tokens': 'keys do not expire' },
  losses: {},
  refusals: {},
};
