import type { Json, JsonObject } from '../../../kit/json.ts';
import type { Plan } from '../plan.ts';
import type { WireEvent } from '../wire-event.ts';
import {
  type AnswerFrame,
  type CallBlock,
  callId,
  callsOf,
  padded,
  textOf,
  thoughtOf,
  usageOf,
} from './answer-frame.ts';

const finishReasons: Record<Plan['finish'], string> = {
  stop: 'stop',
  stop_sequence: 'stop',
  length: 'length',
  calls: 'tool_calls',
  refusal: 'content_filter',
  pause: 'stop',
};

/** How a backend sends calls inside of a stream; none of them numbers the fragments. */
type Backend = 'fragments' | 'whole' | 'without-id' | 'printed';

function backendOf(model: string): Backend {
  if (model.startsWith('openai.')) return 'fragments';
  if (model.startsWith('google.')) return 'without-id';
  return model.startsWith('meta.llama-3') ? 'printed' : 'whole';
}

const argumentsOf = ({ pieces }: CallBlock): string => pieces.join('');
const printed = (call: CallBlock): string =>
  `<tool_call>${JSON.stringify({ name: call.name, parameters: JSON.parse(argumentsOf(call)) as Json })}</tool_call>`;

function wholeCall(call: CallBlock, model: string): JsonObject {
  const named = { type: 'FUNCTION', name: call.name, arguments: argumentsOf(call) };
  return backendOf(model) === 'without-id' ? named : { id: callId(call), ...named };
}

/** `chatResponse` of a whole answer. */
export function writeGeneric(plan: Plan, { model }: AnswerFrame): JsonObject {
  const calls = callsOf(plan);
  const isPrinted = backendOf(model) === 'printed';
  const text = textOf(plan) + (isPrinted ? calls.map(printed).join('\n') : '');
  const thought = thoughtOf(plan);
  const message: JsonObject = { role: 'ASSISTANT', content: text === '' ? null : [{ type: 'TEXT', text }] };
  if (thought !== undefined) message['reasoningContent'] = thought;
  if (calls.length > 0 && !isPrinted) message['toolCalls'] = calls.map((call) => wholeCall(call, model));
  const answer: JsonObject = {
    apiFormat: 'GENERIC',
    timeCreated: '2026-01-05T10:00:00.000Z',
    choices: [{ index: 0, message, finishReason: finishOf(plan, model) }],
  };
  if (plan.usage !== undefined) answer['usage'] = usageOf(plan.usage);
  return answer;
}

function finishOf({ finish }: Plan, model: string): string {
  return finish === 'calls' && backendOf(model) === 'printed' ? 'stop' : finishReasons[finish];
}

/** The events of a streamed answer. */
export function* writeGenericEvents(plan: Plan, frame: AnswerFrame): Generator<WireEvent> {
  const content = (message: JsonObject): WireEvent => ({
    data: padded({ index: 0, message: { role: 'ASSISTANT', ...message } }),
    kind: 'content',
  });
  for (const block of plan.blocks) {
    if (block.type === 'thinking') for (const piece of block.pieces) yield content({ reasoningContent: piece });
    if (block.type === 'text')
      for (const piece of block.pieces) yield content({ content: [{ type: 'TEXT', text: piece }] });
  }
  for (const message of callMessages(plan, frame)) yield content(message);
  yield { data: padded({ finishReason: finishOf(plan, frame.model) }), kind: 'terminal' };
  if (frame.includesUsage && plan.usage !== undefined) {
    yield { data: padded({ usage: usageOf(plan.usage) }), kind: 'terminal' };
  }
  if (frame.saysDone) yield { data: '[DONE]', kind: 'terminal' };
}

function* callMessages(plan: Plan, { model }: AnswerFrame): Generator<JsonObject> {
  const backend = backendOf(model);
  for (const call of callsOf(plan)) {
    if (backend === 'printed') yield { content: [{ type: 'TEXT', text: printed(call) }] };
    else if (backend === 'fragments') yield* fragments(call);
    // Gemini's content part may come without text.
    else if (backend === 'without-id') yield { content: [{ type: 'TEXT' }], toolCalls: [wholeCall(call, model)] };
    else yield { toolCalls: [wholeCall(call, model)] };
  }
}

/** Only the first fragment has id and name; each call stands at position 0 again. */
function* fragments(call: CallBlock): Generator<JsonObject> {
  yield { toolCalls: [{ id: callId(call), type: 'FUNCTION', name: call.name, arguments: '' }] };
  for (const piece of call.pieces) yield { toolCalls: [{ type: 'FUNCTION', arguments: piece }] };
}
