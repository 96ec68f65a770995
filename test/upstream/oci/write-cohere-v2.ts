import type { JsonObject } from '../../../kit/json.ts';
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
  stop: 'COMPLETE',
  stop_sequence: 'STOP_SEQUENCE',
  length: 'MAX_TOKENS',
  calls: 'TOOL_CALL',
  refusal: 'ERROR_TOXIC',
  pause: 'COMPLETE',
};

const callOf = (call: CallBlock, json: string): JsonObject => ({
  id: callId(call),
  type: 'FUNCTION',
  function: { name: call.name, arguments: json },
});

let answers = 0;

/** `chatResponse` of a whole answer in Cohere's newer format. */
export function writeCohereV2(plan: Plan): JsonObject {
  const thought = thoughtOf(plan);
  const text = textOf(plan);
  const calls = callsOf(plan);
  const content: JsonObject[] = [];
  if (thought !== undefined) content.push({ type: 'THINKING', thinking: thought });
  if (text !== '') content.push({ type: 'TEXT', text });
  const message: JsonObject = { role: 'ASSISTANT', content };
  if (calls.length > 0) message['toolCalls'] = calls.map((call) => callOf(call, call.pieces.join('')));
  const answer: JsonObject = {
    apiFormat: 'COHEREV2',
    id: `scripted-${++answers}`,
    message,
    finishReason: finishReasons[plan.finish],
  };
  if (plan.usage !== undefined) answer['usage'] = usageOf(plan.usage);
  return answer;
}

/** The events of a streamed answer; each call begins with its name and goes on in fragments without an id. */
export function* writeCohereV2Events(plan: Plan, frame: AnswerFrame): Generator<WireEvent> {
  const content = (message: JsonObject): WireEvent => ({
    data: padded({ apiFormat: 'COHEREV2', message: { role: 'ASSISTANT', ...message } }),
    kind: 'content',
  });
  for (const block of plan.blocks) {
    if (block.type === 'thinking')
      for (const piece of block.pieces) yield content({ content: [{ type: 'THINKING', thinking: piece }] });
    if (block.type === 'text')
      for (const piece of block.pieces) yield content({ content: [{ type: 'TEXT', text: piece }] });
  }
  for (const call of callsOf(plan)) {
    yield content({ toolCalls: [callOf(call, '')] });
    for (const piece of call.pieces) yield content({ toolCalls: [{ function: { arguments: piece } }] });
  }
  const usage = frame.includesUsage && plan.usage !== undefined ? { usage: usageOf(plan.usage) } : {};
  yield {
    data: padded({ apiFormat: 'COHEREV2', finishReason: finishReasons[plan.finish], ...usage }),
    kind: 'terminal',
  };
  if (frame.saysDone) yield { data: '[DONE]', kind: 'terminal' };
}
