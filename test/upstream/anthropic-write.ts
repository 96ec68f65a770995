import type { Json, JsonObject } from '../../kit/json.ts';
import type { Block, Plan, PlanUsage } from './plan.ts';
import type { StreamTraits, WireEvent } from './wire-event.ts';

const stopReasons: Record<Plan['finish'], string> = {
  stop: 'end_turn',
  stop_sequence: 'stop_sequence',
  length: 'max_tokens',
  calls: 'tool_use',
  refusal: 'refusal',
  pause: 'pause_turn',
};

/** A complete `message` (docs: api/messages, response). */
export function writeMessage(plan: Plan, model: string, id: string): JsonObject {
  const content = plan.blocks.map(writeBlock);
  return {
    ...opening(model, id),
    content,
    stop_reason: stopReasons[plan.finish],
    stop_sequence: plan.stopSequence ?? null,
    usage: usageOf(plan.usage, plan.usage?.output ?? 0),
  };
}

const opening = (model: string, id: string): JsonObject => ({
  id,
  type: 'message',
  role: 'assistant',
  model,
  container: null,
});

function usageOf(usage: PlanUsage | undefined, output: number): JsonObject {
  const { uncached = 0, cacheRead = 0, cacheWrite = 0 } = usage ?? {};
  return {
    input_tokens: uncached,
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
    service_tier: 'standard',
  };
}

const callId = (block: Block & { type: 'call' }): string => `toolu_01Scripted${String(block.serial).padStart(8, '0')}`;

function writeBlock(block: Block): Json {
  switch (block.type) {
    case 'thinking':
      return { type: 'thinking', thinking: block.pieces.join(''), signature: block.signature };
    case 'redacted':
      return { type: 'redacted_thinking', data: block.data };
    case 'text':
      return { type: 'text', text: Array.isArray(block.pieces) ? block.pieces.join('') : 'endless' };
    case 'call':
      return {
        type: 'tool_use',
        id: callId(block),
        name: block.name,
        input: JSON.parse(block.pieces.join('')) as Json,
      };
  }
}

const event = (kind: WireEvent['kind'], body: { type: string; [member: string]: unknown }): WireEvent => ({
  name: body.type,
  data: JSON.stringify(body),
  kind,
});

/** A streamed answer (docs: build-with-claude/streaming). */
export function* writeEvents(plan: Plan, model: string, id: string): Generator<WireEvent> {
  // The first usage counts the prompt in full and one token of output at most.
  const usage = usageOf(plan.usage, Math.min(1, plan.usage?.output ?? 0));
  const message = { ...opening(model, id), content: [], stop_reason: null, stop_sequence: null, usage };
  yield event('frame', { type: 'message_start', message });
  for (const [index, block] of plan.blocks.entries()) {
    yield event('frame', { type: 'content_block_start', index, content_block: emptyBlock(block) });
    if (index === 0) yield event('frame', { type: 'ping' });
    for (const delta of deltasOf(block)) yield event('content', { type: 'content_block_delta', index, delta });
    yield event('frame', { type: 'content_block_stop', index });
  }
  yield event('terminal', {
    type: 'message_delta',
    delta: { stop_reason: stopReasons[plan.finish], stop_sequence: plan.stopSequence ?? null },
    usage: deltaUsage(plan.usage),
  });
  yield event('terminal', { type: 'message_stop' });
}

function deltaUsage(usage: PlanUsage | undefined): JsonObject {
  const {
    input_tokens: input,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    output_tokens: output,
  } = usageOf(usage, usage?.output ?? 0);
  return {
    input_tokens: input,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    output_tokens: output,
  };
}

function emptyBlock(block: Block): Json {
  switch (block.type) {
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' };
    case 'redacted':
      return { type: 'redacted_thinking', data: block.data };
    case 'text':
      return { type: 'text', text: '' };
    case 'call':
      return { type: 'tool_use', id: callId(block), name: block.name, input: {} };
  }
}

function* deltasOf(block: Block): Generator<JsonObject> {
  if (block.type === 'thinking') {
    for (const piece of block.pieces) yield { type: 'thinking_delta', thinking: piece };
    yield { type: 'signature_delta', signature: block.signature };
  }
  if (block.type === 'text') for (const piece of block.pieces) yield { type: 'text_delta', text: piece };
  if (block.type !== 'call') return;
  // The vendor's first fragment is empty, and a call without arguments has no other.
  yield { type: 'input_json_delta', partial_json: '' };
  if (block.pieces.join('') === '{}') return;
  for (const piece of block.pieces) yield { type: 'input_json_delta', partial_json: piece };
}

export const anthropicTraits: StreamTraits = {
  errorEvent: {
    name: 'error',
    data: JSON.stringify({
      type: 'error',
      error: { details: null, type: 'overloaded_error', message: 'Overloaded' },
      request_id: 'req_011CScriptedUpstream',
    }),
    kind: 'terminal',
  },
  chatter: 'event: ping\ndata: {"type": "ping"}\n\n',
};
