import { ociAccount, startOci } from '../../upstream/oci/upstream.ts';
import { upstreamKey } from '../../upstream/upstream.ts';
import type { Subject, SubjectUpstream } from '../contract.ts';

async function start(): Promise<SubjectUpstream> {
  const upstream = await startOci();
  return {
    upstream,
    account: (name) => ({ provider: 'oci', ...ociAccount(upstream, `${upstreamKey}-${name}`) }),
    close: () => upstream.close(),
  };
}

const untold = {
  'which end the text came to': 'Oracle does not tell a stop sequence from another end, so the client reads `end_turn`',
};

const shared = {
  start,
  cannot: {
    'expired tokens': 'requests are signed with a key, which does not expire',
    'the signature of a thought': 'no format of Oracle has one',
  },
  losses: {},
  refusals: {},
} satisfies Partial<Subject>;

export const ociGeneric: Subject = {
  ...shared,
  id: 'oci-generic',
  title: '`oci`, Meta, xAI, Google and OpenAI models',
  model: 'xai.grok-3-mini',
  pairModel: 'xai.grok-4',
  cannot: { ...shared.cannot, ...untold },
  losses: {
    'messages.thinking': 'past thoughts have no place in the format',
  },
};

export const ociCohere: Subject = {
  ...shared,
  id: 'oci-cohere',
  title: '`oci`, Cohere models',
  model: 'cohere.command-a-03-2025',
  pairModel: 'cohere.command-r-plus-08-2024',
  cannot: {
    'expired tokens': shared.cannot['expired tokens'],
    ...untold,
    thinking: "these models do not think; Cohere's newer ones do",
  },
  lacks: ['unasked thinking', 'forced tools'],
};

export const ociCohereV2: Subject = {
  ...shared,
  id: 'oci-cohere-v2',
  title: '`oci`, newer Cohere models',
  model: 'cohere.command-a-reasoning',
  pairModel: 'cohere.command-a-vision',
};
