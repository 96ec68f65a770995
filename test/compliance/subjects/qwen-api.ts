import { startQwen } from '../../upstream/qwen/upstream.ts';
import type { Subject, SubjectUpstream } from '../contract.ts';

async function start(kind: 'login' | 'key'): Promise<SubjectUpstream> {
  const upstream = await startQwen();
  return {
    upstream,
    account: (name) => ({ provider: 'qwen-api', ...upstream.account(name, kind) }),
    expireTokens: () => upstream.oauth.families.expireAccess(),
    renewed: () => upstream.totals.byPath['/api/v1/oauth2/token'] ?? 0,
    close: () => upstream.close(),
  };
}

const cannot = {
  'which end the text came to': 'Qwen says `stop` for a stop sequence too, so the client reads `end_turn`',
  'the signature of a thought': 'Qwen has none',
};

const losses = { 'messages.thinking': 'past thoughts have no place in the format' };

export const qwenKey: Subject = {
  id: 'qwen-api-key',
  title: '`qwen-api` with a key',
  model: 'qwen3-max',
  pairModel: 'qwen-plus',
  lacks: ['names of wrong parameters'],
  start: () => start('key'),
  cannot: { ...cannot, 'expired tokens': 'keys do not expire' },
  losses,
  refusals: {},
};

export const qwenLogin: Subject = {
  id: 'qwen-api-login',
  title: '`qwen-api` with a sign-in',
  model: 'coder-model',
  pairModel: 'qwen3-coder-plus',
  start: () => start('login'),
  cannot,
  losses,
  refusals: {},
};
