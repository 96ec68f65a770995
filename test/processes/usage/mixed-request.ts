import { faultyModel, slowModel } from './token-counting-upstream.ts';

export type Outcome = 'answered' | 'refused' | 'left';

/** One request of a mix of four protocols, streamed or not, some of them wrong, some of whose clients leave. */
export interface MixedRequest {
  readonly id: number;
  readonly path: string;
  readonly body: object;
  readonly model: string;
  /** How it is to end where no node is killed. */
  readonly outcome: Outcome;
}

const models = ['gpt-4o-mini', 'claude-sonnet-4-5', 'gemini-2.5-flash'];

export function mixedRequest(id: number): MixedRequest {
  const outcome: Outcome = id % 23 === 0 ? 'refused' : id % 29 === 0 ? 'left' : 'answered';
  const model =
    outcome === 'refused' ? faultyModel : outcome === 'left' ? slowModel : (models[id % models.length] as string);
  const isStreamed = outcome === 'left' || id % 2 === 0;
  return { id, model, outcome, ...asked(id % 4, model, `ask-${id}.`, isStreamed) };
}

function asked(protocol: number, model: string, text: string, stream: boolean): Pick<MixedRequest, 'path' | 'body'> {
  const messages = [{ role: 'user', content: text }];
  if (protocol === 0) return { path: '/v1/chat/completions', body: { model, messages, stream } };
  if (protocol === 1) return { path: '/v1/messages', body: { model, messages, stream, max_tokens: 100 } };
  if (protocol === 2) return { path: '/v1/responses', body: { model, input: text, stream } };
  const call = stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
  return { path: `/v1beta/models/${model}:${call}`, body: { contents: [{ role: 'user', parts: [{ text }] }] } };
}
