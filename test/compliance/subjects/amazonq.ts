import { startAmazonq } from '../../upstream/amazonq/amazonq.ts';
import type { Subject } from '../contract.ts';
import { codewhispererBesides, codewhispererRefusals, tagLosses } from './codewhisperer.ts';

export const amazonq: Subject = {
  id: 'amazonq',
  title: '`amazonq`',
  model: 'claude-sonnet-4.5',
  pairModel: 'claude-haiku-4.5',
  async start() {
    const upstream = await startAmazonq();
    return {
      upstream,
      account: (name) => ({ provider: 'amazonq', ...upstream.account(name) }),
      expireTokens: () => upstream.issuer.expireAccess(),
      renewed: () => upstream.issuer.renewed,
      close: () => upstream.close(),
    };
  },
  cannot: { 'the signature of a thought': 'the model thinks between tags in its text' },
  besides: codewhispererBesides,
  losses: tagLosses,
  refusals: codewhispererRefusals,
  lacks: ['forced tools', 'bounds of the output', 'answers by a schema'],
};
