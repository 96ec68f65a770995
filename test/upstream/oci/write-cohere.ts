import type { Json, JsonObject } from '../../../kit/json.ts';
import type { Plan } from '../plan.ts';
import type { WireEvent } from '../wire-event.ts';
import { type AnswerFrame, type CallBlock, callsOf, padded, textOf, usageOf } from './answer-frame.ts';

const finishReasons: Record<Plan['finish'], string> = {
  stop: 'COMPLETE',
  stop_sequence: 'COMPLETE',
  length: 'MAX_TOKENS',
  calls: 'COMPLETE',
  refusal: 'ERROR_TOXIC',
  pause: 'COMPLETE',
};

/** No ids: name and parameters are all there is. */
const callOf = ({ name, pieces }: CallBlock): JsonObject => ({ name, parameters: JSON.parse(pieces.join('')) as Json });

/** `chatResponse` of a whole answer in Cohere's older format; it repeats the history. */
export function writeCohere(plan: Plan, request: JsonObject): JsonObject {
  const toolCalls = callsOf(plan).map(callOf);
  const text = textOf(plan);
  const said: JsonObject = { role: 'CHATBOT', message: text, ...(toolCalls.length > 0 ? { toolCalls } : {}) };
  const history = Array.isArray(request['chatHistory']) ? request['chatHistory'] : [];
  const answer: JsonObject = {
    apiFormat: 'COHERE',
    text,
    chatHistory: [...history, { role: 'USER', message: request['message'] ?? '' }, said],
    finishReason: finishReasons[plan.finish],
  };
  if (toolCalls.length > 0) answer['toolCalls'] = toolCalls;
  if (plan.usage !== undefined) answer['usage'] = usageOf(plan.usage);
  return answer;
}

/** The events of a streamed answer; the last one repeats all of it. */
export function* writeCohereEvents(plan: Plan, request: JsonObject, frame: AnswerFrame): Generator<WireEvent> {
  const content = (event: JsonObject): WireEvent => ({
    data: padded({ apiFormat: 'COHERE', ...event }),
    kind: 'content',
  });
  for (const block of plan.blocks) {
    if (block.type === 'text') for (const piece of block.pieces) yield content({ text: piece });
  }
  for (const call of callsOf(plan)) yield content({ toolCalls: [callOf(call)] });
  const { usage, ...whole } = writeCohere(plan, request);
  const counted = frame.includesUsage && usage !== undefined ? { usage } : {};
  yield { data: padded({ ...whole, ...counted }), kind: 'terminal' };
  if (frame.saysDone) yield { data: '[DONE]', kind: 'terminal' };
}
