import { start, upstreamKey } from '../../upstream/upstream.ts';
import type { Subject, SubjectUpstream } from '../contract.ts';

async function startOpenai(more: Record<string, unknown>): Promise<SubjectUpstream> {
  const upstream = await start();
  return {
    upstream,
    account: (name) => ({
      provider: 'openai-custom',
      base_url: upstream.openaiBaseUrl,
      api_key: `${upstreamKey}-${name}`,
      ...more,
    }),
    close: () => upstream.close(),
  };
}

const shared = {
  model: 'gpt-4o-mini',
  pairModel: 'gpt-4o',
  cannot: {
    'expired tokens': 'keys do not expire',
    'which end the text came to':
      'Chat Completions says `stop` for a stop sequence too, so the client reads `end_turn`',
    'the signature of a thought': 'Chat Completions has none',
  },
  losses: {
    thinking: 'a budget of tokens has no field in Chat Completions, but for models known to take an effort',
    'messages.thinking': 'past thoughts have no place in Chat Completions',
  },
  refusals: {},
} satisfies Partial<Subject>;

export const openaiCustomChat: Subject = {
  ...shared,
  id: 'openai-custom',
  title: '`openai-custom`',
  start: () => startOpenai({}),
};

export const openaiCustomResponses: Subject = {
  ...shared,
  id: 'openai-custom-responses',
  title: '`openai-custom` with `responses`',
  start: () => startOpenai({ responses: true }),
};
