/** What a client asks in one exchange of the bench. */
export interface Exchange {
  readonly path: string;
  readonly body: string;
  readonly streamed: boolean;
}

const question = 'Say in one sentence what a proxy does, please.';
const system = 'You are a short-spoken assistant.';

const anthropicBody = { max_tokens: 256, system, messages: [{ role: 'user', content: question }] };
const openaiMessages = [
  { role: 'system', content: system },
  { role: 'user', content: question },
];

function anthropic(model: string, streamed: boolean): Exchange {
  return { path: '/v1/messages', body: JSON.stringify({ model, ...anthropicBody, stream: streamed }), streamed };
}

function openai(streamed: boolean): Exchange {
  const body = { model: 'gpt-4o-mini', messages: openaiMessages, stream: streamed };
  return { path: '/v1/chat/completions', body: JSON.stringify(body), streamed };
}

/** By name, since they are named across processes. `anthropic-to-openai` asks a model that only OpenAI accounts have. */
export const exchanges = {
  openai: openai(false),
  anthropic: anthropic('claude-sonnet-4-5', false),
  'anthropic-to-openai': anthropic('gpt-4o-mini', false),
  'openai-stream': openai(true),
  'anthropic-stream': anthropic('claude-sonnet-4-5', true),
  'anthropic-to-openai-stream': anthropic('gpt-4o-mini', true),
} satisfies Record<string, Exchange>;

export type ExchangeName = keyof typeof exchanges;

/** The request as bytes, made once for each run. `headers` are the target's own: its key, its routing. */
export function serialise(exchange: Exchange, headers: Readonly<Record<string, string>>): Buffer {
  const lines = [
    `POST ${exchange.path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Content-Type: application/json',
    'Accept: */*',
    'anthropic-version: 2023-06-01',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(exchange.body)}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${exchange.body}`);
}
