/** What the demo, as a client, sends and reads in each protocol. Kept apart from the node's own encoders on purpose. */
export type Dialect = 'openai-chat' | 'anthropic' | 'openai-responses' | 'gemini';

export interface DialectClient {
  title: string;
  path(model: string, isStream: boolean): string;
  body(model: string, isStream: boolean, question: string): Record<string, unknown>;
  /** Text in a complete answer. */
  text(answer: unknown): string;
  /** Text in one event of a stream. */
  delta(event: unknown): string;
}

/** The value at this path of members and indices; undefined when there is none. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Record<string | number, unknown>)[step];
  }
  return found;
}

const textAt = (value: unknown, ...path: (string | number)[]): string => {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
};

export const dialects: Record<Dialect, DialectClient> = {
  'openai-chat': {
    title: 'OpenAI Chat',
    path: () => '/v1/chat/completions',
    body: (model, stream, question) => ({ model, stream, messages: [{ role: 'user', content: question }] }),
    text: (answer) => textAt(answer, 'choices', 0, 'message', 'content'),
    delta: (event) => textAt(event, 'choices', 0, 'delta', 'content'),
  },
  anthropic: {
    title: 'Anthropic',
    path: () => '/v1/messages',
    body: (model, stream, question) => ({
      model,
      stream,
      max_tokens: 200,
      messages: [{ role: 'user', content: question }],
    }),
    text: (answer) => textAt(answer, 'content', 0, 'text'),
    delta: (event) => textAt(event, 'delta', 'text'),
  },
  'openai-responses': {
    title: 'OpenAI Responses',
    path: () => '/v1/responses',
    body: (model, stream, question) => ({ model, stream, input: question }),
    text: (answer) => textAt(answer, 'output', 0, 'content', 0, 'text'),
    delta: (event) => (textAt(event, 'type') === 'response.output_text.delta' ? textAt(event, 'delta') : ''),
  },
  gemini: {
    title: 'Gemini',
    path: (model, isStream) =>
      `/v1beta/models/${model}:${isStream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: (_model, _isStream, question) => ({ contents: [{ role: 'user', parts: [{ text: question }] }] }),
    text: (answer) => textAt(answer, 'candidates', 0, 'content', 'parts', 0, 'text'),
    delta: (event) => textAt(event, 'candidates', 0, 'content', 'parts', 0, 'text'),
  },
};
