/** The answers of the bench's upstream, prepared as bytes once, in the shapes that the providers' API pages give. */

/** Content events in a streamed answer: the spec's "100 events an answer". */
export const eventsPerAnswer = 100;

const words = 'The proxy forwards what the model says, and nothing of what it costs to say it is added on the way. ';

function plain(body: unknown): Buffer {
  const text = JSON.stringify(body);
  return Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-request-id: req_bench\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

/** https://platform.openai.com/docs/api-reference/chat/object */
export const openaiChat = plain({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1_790_000_000,
  model: 'gpt-4o-mini',
  choices: [
    { index: 0, message: { role: 'assistant', content: words.repeat(2), refusal: null }, finish_reason: 'stop' },
  ],
  usage: { prompt_tokens: 24, completion_tokens: 46, total_tokens: 70 },
});

/** https://docs.anthropic.com/en/api/messages */
export const anthropicMessage = plain({
  id: 'msg_bench',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  content: [{ type: 'text', text: words.repeat(2) }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 24, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 46 },
});

const models = ['gpt-4o-mini', 'claude-sonnet-4-5'];
export const modelList = plain({
  object: 'list',
  data: models.map((id) => ({ id, object: 'model', type: 'model', display_name: id, created: 0, owned_by: 'bench' })),
  has_more: false,
});

export const health = plain({ status: 'ok' });

/** The parts of a streamed answer, already framed as chunks. `event` holds `~000000`, to be numbered for each stream. */
export interface StreamedAnswer {
  readonly opening: Buffer;
  readonly event: Buffer;
  readonly closing: Buffer;
}

// nginx holds back what it proxies unless the upstream says not to (ngx_http_proxy_module, X-Accel-Buffering).
const streamHead =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-cache\r\n' +
  'X-Accel-Buffering: no\r\nx-request-id: req_bench\r\nTransfer-Encoding: chunked\r\n\r\n';

function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

function streamed(opening: string, event: string, closing: string): StreamedAnswer {
  return {
    opening: Buffer.from(streamHead + chunk(opening)),
    event: Buffer.from(chunk(event)),
    closing: Buffer.from(`${chunk(closing)}0\r\n\r\n`),
  };
}

function openaiEvent(delta: unknown, finish: string | null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return `data: ${JSON.stringify({ ...openaiChunk, choices })}\n\n`;
}

const openaiChunk = {
  id: 'chatcmpl-bench',
  object: 'chat.completion.chunk',
  created: 1_790_000_000,
  model: 'gpt-4o-mini',
};
const openaiUsage = { prompt_tokens: 24, completion_tokens: eventsPerAnswer, total_tokens: 24 + eventsPerAnswer };

/** https://platform.openai.com/docs/api-reference/chat-streaming */
export const openaiStream = streamed(
  openaiEvent({ role: 'assistant', content: '' }, null),
  openaiEvent({ content: '~000000 word' }, null),
  `${openaiEvent({}, 'stop')}data: ${JSON.stringify({ ...openaiChunk, choices: [], usage: openaiUsage })}\n\ndata: [DONE]\n\n`,
);

function anthropicEvent(event: { type: string }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

const messageStart = {
  type: 'message_start',
  message: {
    id: 'msg_bench',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 24, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 },
  },
};
const blockStart = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
const blockDelta = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '~000000 word' } };
const blockStop = { type: 'content_block_stop', index: 0 };
const messageDelta = {
  type: 'message_delta',
  delta: { stop_reason: 'end_turn', stop_sequence: null },
  usage: { output_tokens: eventsPerAnswer },
};

/** https://docs.anthropic.com/en/docs/build-with-claude/streaming */
export const anthropicStream = streamed(
  anthropicEvent(messageStart) + anthropicEvent(blockStart),
  anthropicEvent(blockDelta),
  anthropicEvent(blockStop) + anthropicEvent(messageDelta) + anthropicEvent({ type: 'message_stop' }),
);
