import type { Json, JsonObject } from '../../kit/json.ts';
import type { Block, Plan, PlanUsage } from './plan.ts';
import type { StreamTraits, WireEvent } from './wire-event.ts';

/** Facts of one Chat answer. */
export interface ChatFrame {
  model: string;
  id: string;
  created: number;
  includeUsage: boolean;
  /** The argument fragments of parallel calls alternate. */
  interleaved: boolean;
}

export const finishReasons: Record<Plan['finish'], string> = {
  stop: 'stop',
  stop_sequence: 'stop',
  length: 'length',
  calls: 'tool_calls',
  refusal: 'content_filter',
  pause: 'stop',
};

type CallBlock = Block & { type: 'call' };

export const callId = (block: CallBlock): string => `call_Scripted${String(block.serial).padStart(8, '0')}`;
const textOf = (plan: Plan): string | undefined => {
  const texts = plan.blocks.filter((block) => block.type === 'text');
  return texts.length === 0
    ? undefined
    : texts.map((block) => (Array.isArray(block.pieces) ? block.pieces.join('') : 'endless')).join('');
};
const callsOf = (plan: Plan): CallBlock[] => plan.blocks.filter((block) => block.type === 'call');

/** A complete `chat.completion` (docs: api-reference/chat/object). */
export function writeCompletion(plan: Plan, frame: ChatFrame): JsonObject {
  const calls = callsOf(plan);
  const reasoning = plan.blocks.find((block) => block.type === 'thinking');
  const message: JsonObject = { role: 'assistant', content: textOf(plan) ?? null, refusal: null, annotations: [] };
  if (reasoning !== undefined) message.reasoning_content = reasoning.pieces.join('');
  if (calls.length > 0)
    message.tool_calls = calls.map((call) => ({
      id: callId(call),
      type: 'function',
      function: { name: call.name, arguments: call.pieces.join('') },
    }));
  const choice: JsonObject = { index: 0, message, logprobs: null, finish_reason: finishReasons[plan.finish] };
  const completion: JsonObject = {
    id: frame.id,
    object: 'chat.completion',
    created: frame.created,
    model: frame.model,
    choices: [choice],
  };
  if (plan.usage !== undefined) completion.usage = usageOf(plan.usage);
  return { ...completion, service_tier: 'default', system_fingerprint: 'fp_scripted' };
}

function usageOf(usage: PlanUsage): JsonObject {
  const prompt = usage.uncached + usage.cacheRead + usage.cacheWrite;
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.output,
    total_tokens: prompt + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** A streamed answer (docs: api-reference/chat-streaming). */
export function* writeChunks(plan: Plan, frame: ChatFrame): Generator<WireEvent> {
  const chunk = (kind: WireEvent['kind'], delta: JsonObject, finish: string | null = null): WireEvent => ({
    data: JSON.stringify({
      ...head(frame),
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      ...(frame.includeUsage ? { usage: null } : {}),
    }),
    kind,
  });
  const calls = callsOf(plan);
  yield chunk('frame', {
    role: 'assistant',
    content: calls.length > 0 && textOf(plan) === undefined ? null : '',
    refusal: null,
  });
  for (const block of plan.blocks) {
    if (block.type === 'thinking')
      for (const piece of block.pieces) yield chunk('content', { reasoning_content: piece });
    if (block.type === 'text') for (const piece of block.pieces) yield chunk('content', { content: piece });
  }
  for (const call of frame.interleaved ? alternating(calls) : inTurn(calls))
    yield chunk('content', { tool_calls: [call] });
  yield chunk('terminal', {}, finishReasons[plan.finish]);
  if (frame.includeUsage && plan.usage !== undefined) {
    yield { data: JSON.stringify({ ...head(frame), choices: [], usage: usageOf(plan.usage) }), kind: 'terminal' };
  }
  yield { data: '[DONE]', kind: 'terminal' };
}

const head = (frame: ChatFrame): JsonObject => ({
  id: frame.id,
  object: 'chat.completion.chunk',
  created: frame.created,
  model: frame.model,
  service_tier: 'default',
  system_fingerprint: 'fp_scripted',
});

const announce = (call: CallBlock, index: number): Json => ({
  index,
  id: callId(call),
  type: 'function',
  function: { name: call.name, arguments: '' },
});
const fragment = (index: number, text: string): Json => ({ index, function: { arguments: text } });

function* inTurn(calls: CallBlock[]): Generator<Json> {
  for (const [index, call] of calls.entries()) {
    yield announce(call, index);
    for (const piece of call.pieces) yield fragment(index, piece);
  }
}

/** Index 0, 1, 0, 1 …, as some servers send parallel calls. */
function* alternating(calls: CallBlock[]): Generator<Json> {
  for (const [index, call] of calls.entries()) yield announce(call, index);
  const longest = Math.max(0, ...calls.map((call) => call.pieces.length));
  for (let at = 0; at < longest; at++) {
    for (const [index, call] of calls.entries()) {
      const piece = call.pieces[at];
      if (piece !== undefined) yield fragment(index, piece);
    }
  }
}

export const chatTraits: StreamTraits = {
  errorEvent: {
    data: JSON.stringify({
      error: {
        message: 'The server had an error while processing your request. Sorry about that!',
        type: 'server_error',
        param: null,
        code: null,
      },
    }),
    kind: 'terminal',
  },
  chatter: ': scripted chatter\n\n',
};
