import { thought } from '../../upstream/plan.ts';
import { signThinking } from '../../upstream/signature.ts';
import { startKiro } from '../../upstream/kiro/kiro.ts';
import type { Subject, SubjectUpstream } from '../contract.ts';
import { codewhispererBesides, codewhispererRefusals, tagLosses } from './codewhisperer.ts';

async function start(isRuntime: boolean): Promise<SubjectUpstream> {
  const upstream = await startKiro({ isRuntime });
  return {
    upstream,
    account: (name) => ({
      provider: 'kiro-api',
      host: isRuntime ? 'runtime' : 'q',
      ...upstream.account(name, 'social'),
    }),
    expireTokens: () => upstream.issuer.expireAccess(),
    renewed: () => upstream.issuer.renewed,
    close: () => upstream.close(),
  };
}

const shared = {
  model: 'claude-sonnet-4.5',
  pairModel: 'claude-haiku-4.5',
  besides: codewhispererBesides,
  refusals: codewhispererRefusals,
  lacks: ['forced tools', 'bounds of the output', 'answers by a schema'],
} satisfies Partial<Subject>;

export const kiroRuntime: Subject = {
  ...shared,
  id: 'kiro-api',
  title: '`kiro-api`',
  start: () => start(true),
  signature: () => signThinking(thought),
  losses: {},
  cannot: {},
};

export const kiroQ: Subject = {
  ...shared,
  id: 'kiro-api-q',
  title: '`kiro-api` at the old host',
  start: () => start(false),
  losses: tagLosses,
  cannot: { 'the signature of a thought': 'the model thinks between tags in its text' },
};
