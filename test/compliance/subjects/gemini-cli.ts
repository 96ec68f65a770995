import { signCall } from '../../upstream/gemini/call-signature.ts';
import { startGemini } from '../../upstream/gemini/upstream.ts';
import type { Subject, SubjectUpstream } from '../contract.ts';

async function start(kind: 'login' | 'key'): Promise<SubjectUpstream> {
  const upstream = await startGemini();
  return {
    upstream,
    account: (name) => ({ provider: 'gemini-cli', ...upstream.account(name, kind) }),
    expireTokens: () => upstream.oauth.families.expireAccess(),
    renewed: () => upstream.totals.byPath['/token'] ?? 0,
    close: () => upstream.close(),
  };
}

const cannot = {
  'ids of calls': 'Gemini gives its calls none, and its clients pair results with them by order',
  'which end the text came to': 'Gemini says STOP for a stop sequence too, so the client reads `end_turn`',
};

const shared = {
  model: 'gemini-3-pro-preview',
  pairModel: 'gemini-2.5-flash',
  signature: signCall,
  losses: { 'messages.thinking': 'thoughts without a signature of Gemini do not go back to it' },
  refusals: {},
} satisfies Partial<Subject>;

export const geminiKey: Subject = {
  ...shared,
  id: 'gemini-cli-key',
  title: '`gemini-cli` with a key',
  lacks: ['unasked thinking'],
  start: () => start('key'),
  cannot: { ...cannot, 'expired tokens': 'keys do not expire' },
};

export const geminiLogin: Subject = {
  ...shared,
  id: 'gemini-cli-login',
  title: '`gemini-cli` with a sign-in',
  lacks: ['unasked thinking'],
  start: () => start('login'),
  cannot,
};
