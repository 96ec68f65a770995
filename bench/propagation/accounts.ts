import type { Issuer } from '../../test/upstream/oauth-issuer.ts';
import type { MemberPlace } from '../mesh/member-settings.ts';
import { nodeKey } from '../targets/product-node.ts';
import type { NumberedUpstream } from './numbered-upstream.ts';

/** Failures in a row that open a breaker. */
export const failuresToOpen = 3;

/** An account each for what is measured, each with a model of its own. */
export function propagationSettings(
  upstream: NumberedUpstream,
  issuer: Issuer,
): (place: MemberPlace) => Record<string, unknown> {
  const account = (id: string, kind: 'ok' | 'fail') => ({
    id,
    provider: 'openai-custom',
    base_url: upstream.baseUrl(kind),
    api_key: 'sk-upstream',
    discovery: false,
    models: [id],
  });
  const login = issuer.login('tokens');
  return () => ({
    host: '127.0.0.1',
    api_key: nodeKey,
    accounts: [
      account('failing', 'fail'),
      account('switched', 'ok'),
      account('cached', 'ok'),
      { id: 'tokens', provider: 'amazonq', ...login },
    ],
    cache: { enabled: true },
    limits: { retry_attempts: 1 },
    // A rest after a failure would hide the breaker; a breaker that closes by itself would end a round too early.
    breaker: { error_threshold: failuresToOpen },
  });
}
