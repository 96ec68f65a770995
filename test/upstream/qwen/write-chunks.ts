import type { Json, JsonObject } from '../../../kit/json.ts';
import { callId, finishReasons } from '../openai-chat-write.ts';
import type { Block, Plan, PlanUsage } from '../plan.ts';
import type { StreamTraits, WireEvent } from '../wire-event.ts';

export interface QwenFrame {
  id: string;
  model: string;
  created: number;
  includeUsage: boolean;
  interleaved: boolean;
  loose: boolean;
}

type CallBlock = Block & { type: 'call' };

export function qwenUsage(usage: PlanUsage): JsonObject {
  const prompt = usage.uncached + usage.cacheRead + usage.cacheWrite;
  const details: JsonObject = { cached_tokens: usage.cacheRead };
  if (usage.cacheWrite > 0) details.cache_creation_input_tokens = usage.cacheWrite;
  if (usage.cacheRead + usage.cacheWrite > 0) details.cache_type = 'ephemeral';
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.output,
    total_tokens: prompt + usage.output,
    prompt_tokens_details: details,
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
  };
}

/** A streamed answer: finish and usage come in chunks of their own, the usage without choices. */
export function* writeQwenChunks(plan: Plan, frame: QwenFrame): Generator<WireEvent> {
  const chunk = (kind: WireEvent['kind'], delta: JsonObject, finish: string | null = null): WireEvent => ({
    data: JSON.stringify({ ...head(frame), choices: [{ index: 0, delta, finish_reason: finish }] }),
    kind,
  });
  yield chunk('frame', { role: 'assistant', content: '' });
  for (const block of plan.blocks) {
    if (block.type === 'thinking')
      for (const piece of block.pieces) yield chunk('content', { content: null, reasoning_content: piece });
    if (block.type === 'text') for (const piece of block.pieces) yield chunk('content', { content: piece });
  }
  const calls = plan.blocks.filter((block) => block.type === 'call');
  const fragments = frame.loose ? loosely(calls) : frame.interleaved ? alternating(calls) : inTurn(calls);
  for (const fragment of fragments) yield chunk('content', { content: null, tool_calls: [fragment] });
  yield chunk('terminal', { content: '' }, finishReasons[plan.finish]);
  if (frame.includeUsage && plan.usage !== undefined) {
    yield { data: JSON.stringify({ ...head(frame), choices: [], usage: qwenUsage(plan.usage) }), kind: 'terminal' };
  }
  yield { data: '[DONE]', kind: 'terminal' };
}

const head = ({ id, model, created }: QwenFrame): JsonObject => ({
  id,
  object: 'chat.completion.chunk',
  created,
  model,
});

const announce = (call: CallBlock, index: number): Json => ({
  index,
  id: callId(call),
  type: 'function',
  function: { name: call.name, arguments: '' },
});

/** Later fragments repeat the id and the name as "". */
const more = (index: number, text: string): Json => ({ index, id: '', function: { name: '', arguments: text } });

function* inTurn(calls: CallBlock[]): Generator<Json> {
  for (const [index, call] of calls.entries()) {
    yield announce(call, index);
    for (const piece of call.pieces) yield more(index, piece);
  }
}

function* alternating(calls: CallBlock[]): Generator<Json> {
  for (const [index, call] of calls.entries()) yield announce(call, index);
  const longest = Math.max(0, ...calls.map((call) => call.pieces.length));
  for (let at = 0; at < longest; at++) {
    for (const [index, call] of calls.entries()) {
      const piece = call.pieces[at];
      if (piece !== undefined) yield more(index, piece);
    }
  }
}

/** Every call has index 0: one follows the other once its JSON is whole. Fragments have no id at all. */
function* loosely(calls: CallBlock[]): Generator<Json> {
  for (const call of calls) {
    yield announce(call, 0);
    for (const piece of call.pieces) yield { index: 0, function: { name: '', arguments: piece } };
  }
}

/** Throttling inside a 200 stream: its words stand where the answer's would. */
export const qwenTraits: StreamTraits = {
  errorEvent: {
    data: JSON.stringify({
      id: 'chatcmpl-error',
      object: 'chat.completion.chunk',
      choices: [
        { index: 0, delta: { content: 'Throttling: too many requests, slow down.' }, finish_reason: 'error_finish' },
      ],
    }),
    kind: 'terminal',
  },
  chatter: ': scripted chatter\n\n',
};
