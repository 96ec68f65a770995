import type { JsonObject } from '../../kit/json.ts';
import { callId } from './openai-chat-write.ts';
import type { Block, Plan, PlanUsage } from './plan.ts';
import type { StreamTraits, WireEvent } from './wire-event.ts';

export interface ResponseFrame {
  request: JsonObject;
  id: string;
  created: number;
}

type Status = 'in_progress' | 'completed' | 'incomplete';

/** A complete `response` (docs: api-reference/responses/object). */
export function writeResponse(plan: Plan, frame: ResponseFrame): JsonObject {
  const status: Status = plan.finish === 'length' || plan.finish === 'refusal' ? 'incomplete' : 'completed';
  const output = plan.blocks.map((block, index) => writeItem(block, itemId(frame, block, index), 'completed'));
  const reason = plan.finish === 'length' ? 'max_output_tokens' : 'content_filter';
  return {
    ...shell(
      frame,
      status,
      output.filter((item) => item !== undefined),
    ),
    incomplete_details: status === 'incomplete' ? { reason } : null,
    usage: plan.usage === undefined ? null : usageOf(plan.usage),
  };
}

function shell(frame: ResponseFrame, status: Status, output: JsonObject[]): JsonObject {
  const { request } = frame;
  return {
    id: frame.id,
    object: 'response',
    created_at: frame.created,
    status,
    background: false,
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    model: request.model ?? null,
    output,
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: request.previous_response_id ?? null,
    reasoning: request.reasoning ?? { effort: null, summary: null },
    store: request.store ?? true,
    temperature: request.temperature ?? 1,
    text: request.text ?? { format: { type: 'text' } },
    tool_choice: request.tool_choice ?? 'auto',
    tools: request.tools ?? [],
    top_p: request.top_p ?? 1,
    truncation: request.truncation ?? 'disabled',
    usage: null,
    metadata: request.metadata ?? {},
  };
}

function usageOf(usage: PlanUsage): JsonObject {
  const input = usage.uncached + usage.cacheRead + usage.cacheWrite;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cacheRead, cache_write_tokens: usage.cacheWrite },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: input + usage.output,
  };
}

const prefixes = { thinking: 'rs', redacted: 'rs', text: 'msg', call: 'fc' } as const;
const itemId = (frame: ResponseFrame, block: Block, index: number): string =>
  `${prefixes[block.type]}_${frame.id.slice(5)}_${index}`;
const textOf = (block: Block & { type: 'text' }): string =>
  Array.isArray(block.pieces) ? block.pieces.join('') : 'endless';
const textPart = (text: string): JsonObject => ({ type: 'output_text', annotations: [], logprobs: [], text });

/** An output item; empty where it is announced (`in_progress`). A redacted block has no counterpart here. */
function writeItem(block: Block, id: string, status: Status): JsonObject | undefined {
  const isDone = status === 'completed';
  switch (block.type) {
    case 'thinking':
      return { id, type: 'reasoning', summary: isDone ? [{ type: 'summary_text', text: block.pieces.join('') }] : [] };
    case 'redacted':
      return undefined;
    case 'text':
      return { id, type: 'message', status, role: 'assistant', content: isDone ? [textPart(textOf(block))] : [] };
    case 'call':
      return {
        id,
        type: 'function_call',
        status,
        call_id: callId(block),
        name: block.name,
        arguments: isDone ? block.pieces.join('') : '',
      };
  }
}

type Draft = { type: string; kind: WireEvent['kind'] } & Record<string, unknown>;

/** A streamed answer (docs: api-reference/responses-streaming). */
export function* writeResponseEvents(plan: Plan, frame: ResponseFrame): Generator<WireEvent> {
  let sequence = 0;
  for (const { kind, ...body } of drafts(plan, frame)) {
    yield { name: body.type, data: JSON.stringify({ ...body, sequence_number: sequence++ }), kind };
  }
}

function* drafts(plan: Plan, frame: ResponseFrame): Generator<Draft> {
  const opening = shell(frame, 'in_progress', []);
  yield { type: 'response.created', response: opening, kind: 'frame' };
  yield { type: 'response.in_progress', response: opening, kind: 'frame' };
  let outputIndex = 0;
  for (const [index, block] of plan.blocks.entries()) {
    const id = itemId(frame, block, index);
    const item = writeItem(block, id, 'in_progress');
    if (item === undefined) continue;
    const at = { item_id: id, output_index: outputIndex };
    yield { type: 'response.output_item.added', output_index: outputIndex, item, kind: 'frame' };
    yield* contentOf(block, at);
    yield {
      type: 'response.output_item.done',
      output_index: outputIndex,
      item: writeItem(block, id, 'completed'),
      kind: 'frame',
    };
    outputIndex++;
  }
  const response = writeResponse(plan, frame);
  yield {
    type: response.status === 'completed' ? 'response.completed' : 'response.incomplete',
    response,
    kind: 'terminal',
  };
}

interface Place {
  item_id: string;
  output_index: number;
}

function* contentOf(block: Block, at: Place): Generator<Draft> {
  if (block.type === 'text') yield* textEvents(block, { ...at, content_index: 0 });
  if (block.type === 'thinking') yield* reasoningEvents(block.pieces, { ...at, summary_index: 0 });
  if (block.type !== 'call') return;
  for (const delta of block.pieces)
    yield { type: 'response.function_call_arguments.delta', ...at, delta, kind: 'content' };
  yield { type: 'response.function_call_arguments.done', ...at, arguments: block.pieces.join(''), kind: 'frame' };
}

function* textEvents(block: Block & { type: 'text' }, at: Place & { content_index: number }): Generator<Draft> {
  yield { type: 'response.content_part.added', ...at, part: textPart(''), kind: 'frame' };
  for (const delta of block.pieces)
    yield { type: 'response.output_text.delta', ...at, delta, logprobs: [], kind: 'content' };
  const text = textOf(block);
  yield { type: 'response.output_text.done', ...at, text, logprobs: [], kind: 'frame' };
  yield { type: 'response.content_part.done', ...at, part: textPart(text), kind: 'frame' };
}

function* reasoningEvents(pieces: string[], at: Place & { summary_index: number }): Generator<Draft> {
  const text = pieces.join('');
  yield {
    type: 'response.reasoning_summary_part.added',
    ...at,
    part: { type: 'summary_text', text: '' },
    kind: 'frame',
  };
  for (const delta of pieces) yield { type: 'response.reasoning_summary_text.delta', ...at, delta, kind: 'content' };
  yield { type: 'response.reasoning_summary_text.done', ...at, text, kind: 'frame' };
  yield { type: 'response.reasoning_summary_part.done', ...at, part: { type: 'summary_text', text }, kind: 'frame' };
}

export const responsesTraits: StreamTraits = {
  errorEvent: {
    name: 'error',
    data: JSON.stringify({
      type: 'error',
      code: 'server_error',
      message: 'The server had an error while processing your request. Sorry about that!',
      param: null,
      sequence_number: 99,
    }),
    kind: 'terminal',
  },
  chatter: ': scripted chatter\n\n',
};
